#include "core/cli/plugins/plugin_commands.h"

#include <CLI/CLI.hpp>

namespace freshet::cli {
namespace {

// What stands behind it is the checker's to read, help included.
void add_check(CLI::App& plugin, TriedPlugin& out) {
  CLI::App* at = plugin.add_subcommand(
      "check", "Try a plugin: the promises of all that it offers, each in a process of its own");
  at->set_help_flag();
  at->prefix_command();
  at->callback([at, &out] { out.arguments = at->remaining(); });
}

void add_inspect(CLI::App& plugin, TriedPlugin& out) {
  CLI::App* at = plugin.add_subcommand(
      "inspect", "Tell what a plugin says of itself, from a process of its own; create nothing");
  at->add_option("plugin", out.inspected, "The file, or the id of one in the plugin folder")
      ->required();
  at->add_flag("--json", out.json, "One JSON object");
}

}  // namespace

void add_plugin_commands(CLI::App& plugin, TriedPlugin& out) {
  plugin.require_subcommand(1);
  add_check(plugin, out);
  add_inspect(plugin, out);
}

}  // namespace freshet::cli
