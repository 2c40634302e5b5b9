// core/cli/tokens/explain_token.h: `freshet token explain`: what a token says, and what the server
// of a manifest makes of it.
#pragma once

#include "core/cli/command_line.h"

namespace freshet::cli {

// kFailed: the auth plugin refuses it; its log, on stderr, says why.
ExitCode explain_token(const Command& command);

}  // namespace freshet::cli
