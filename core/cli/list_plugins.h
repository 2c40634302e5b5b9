// core/cli/list_plugins.h: `freshet plugins`: what lies in the plugin folders.
#pragma once

#include <string>
#include <vector>

#include "core/cli/exit_code.h"

namespace freshet::cli {

// `folders` empty: the server's own.
ExitCode list_plugins(const std::vector<std::string>& folders);

}  // namespace freshet::cli
