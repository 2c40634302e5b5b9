// core/cli/tokens/print_token.h: `freshet token`.
#pragma once

#include "core/cli/command_line.h"

namespace freshet::cli {

// Prints a token made by the manifest's auth plugin, and nothing else.
ExitCode print_token(const Command& command);

}  // namespace freshet::cli
