// core/cli/plugins/plugin_commands.h: what `freshet plugin` takes.
#pragma once

#include "core/cli/plugins/checker.h"

namespace CLI {
class App;
}

namespace freshet::cli {

// Adds its commands to the group. `out` is filled in when the line is parsed, and outlives that.
void add_plugin_commands(CLI::App& plugin, TriedPlugin& out);

}  // namespace freshet::cli
