#include "core/cli/plugins/new_command.h"

#include <CLI/CLI.hpp>

namespace freshet::cli {

void add_new_command(CLI::App& plugin, NewPlugin& out) {
  CLI::App* at = plugin.add_subcommand("new", "Make a folder to begin a plugin from");
  at->callback([&out] { out.wanted = true; });
  CLI::Option* list =
      at->add_flag("--list", out.list, "Tell what there is to begin from, and make nothing");
  at->add_option("name", out.name, "Its name, as \"notes-store\", and its folder's")
      ->excludes(list);
  at->add_option("--kind", out.kind, "store, auth, app, protocol, http, bus or crdt")
      ->excludes(list);
  at->add_option("--lang", out.language, "cpp, c or rust")->capture_default_str();
}

}  // namespace freshet::cli
