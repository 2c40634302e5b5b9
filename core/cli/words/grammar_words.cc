#include "core/cli/words/grammar_words.h"

#include <CLI/CLI.hpp>
#include <algorithm>

namespace freshet::cli {
namespace {

// Of a command itself and of its groups, which are commands without a name.
template <class Each>
void each_option(const CLI::App& of, Each each) {
  for (const CLI::Option* option : of.get_options()) each(*option);
  for (const CLI::App* group :
       of.get_subcommands([](const CLI::App* a) { return a->get_name().empty(); })) {
    for (const CLI::Option* option : group->get_options()) each(*option);
  }
}

}  // namespace

std::vector<const CLI::App*> commands_of(const CLI::App& of) {
  return of.get_subcommands([](const CLI::App* each) { return !each->get_name().empty(); });
}

const CLI::App* command_of(const CLI::App& of, std::string_view name) {
  const auto all = commands_of(of);
  const auto it =
      std::ranges::find_if(all, [&](const auto* each) { return each->get_name() == name; });
  return it == all.end() ? nullptr : *it;
}

std::vector<std::string> names_of(const std::vector<const CLI::App*>& commands) {
  std::vector<std::string> out;
  for (const CLI::App* each : commands) out.push_back(each->get_name());
  return out;
}

std::vector<std::string> options_of(const CLI::App& of) {
  std::vector<std::string> out;
  each_option(of, [&](const CLI::Option& option) {
    for (const std::string& name : option.get_lnames()) out.push_back("--" + name);
    for (const std::string& name : option.get_snames()) out.push_back("-" + name);
  });
  return out;
}

bool has_option(const CLI::App& of, std::string_view name) {
  const auto all = options_of(of);
  return std::ranges::find(all, name) != all.end();
}

bool needs_command(const CLI::App& of) { return of.get_require_subcommand_min() > 0; }

}  // namespace freshet::cli
