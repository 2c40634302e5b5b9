// options.h: the command line of the load generator.
#pragma once

#include <optional>

#include "scenario.h"

namespace freshet::load {

// Also from a TOML file with the same names (--scenario FILE). None: what is wrong, or the help,
// has been printed, and `exit_code` is what the process ends with.
std::optional<Scenario> read_scenario(int argc, char** argv, int& exit_code);

}  // namespace freshet::load
