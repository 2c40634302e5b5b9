// core/cli/plugins/checker.h: `freshet plugin check` and `freshet plugin inspect`.
#pragma once

#include <string>
#include <vector>

#include "core/cli/exit_code.h"

namespace freshet::cli {

struct TriedPlugin {
  std::string inspected;               // a file, or an id; empty: it is tried
  bool json = false;                   // of what is inspected
  std::vector<std::string> arguments;  // of what is tried, as they were given
};

// Becomes the program that tries plugins, which is installed beside this one. Returns only if it is
// not there; stderr says so.
ExitCode run_checker(const TriedPlugin& plugin);

}  // namespace freshet::cli
