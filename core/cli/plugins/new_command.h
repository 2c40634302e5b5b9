// core/cli/plugins/new_command.h: what `freshet plugin new` takes.
#pragma once

#include "core/cli/plugins/new_plugin.h"

namespace CLI {
class App;
}

namespace freshet::cli {

// Adds it to the group. `out` is filled in when the line is parsed, and outlives that.
void add_new_command(CLI::App& plugin, NewPlugin& out);

}  // namespace freshet::cli
