// core/cli/schema.h: `freshet schema`: what clients may call, and what comes of it.
#pragma once

#include "core/cli/command_line.h"

namespace freshet::cli {

// The procedures of the manifest's apps, which are created for it and told nothing: on stdout, as
// JSON or as types of TypeScript.
ExitCode print_schema(const Command& command);

}  // namespace freshet::cli
