// core/cli/stored/migrate.h: `freshet migrate`: what another server kept becomes rooms of this one.
#pragma once

#include "core/cli/command_line.h"

namespace freshet::cli {

// The encoded states of a pluv app, one at a time: each is loaded into the engine before it is
// stored. One that cannot be is told on stderr, and the others go on. The totals go to stdout.
ExitCode migrate_pluv(const Command& command);

}  // namespace freshet::cli
