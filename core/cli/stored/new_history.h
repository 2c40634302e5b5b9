// core/cli/stored/new_history.h: what is to be done once the database of a cluster was put back to
// an earlier time.
#pragma once

#include "core/cli/command_line.h"
#include "core/cli/exit_code.h"

namespace freshet::cli {

// Every room goes on under another epoch. kBusy: a server works on the store; stderr names it.
ExitCode begin_new_history(const Command& command);

}  // namespace freshet::cli
