// core/cli/words/grammar_words.h: the words of a command line's grammar, as a shell that completes
// them and a person who mistyped one need them. What is grouped counts as its command's own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace freshet::cli {

std::vector<const CLI::App*> commands_of(const CLI::App& of);
const CLI::App* command_of(const CLI::App& of, std::string_view name);  // null: none
std::vector<std::string> names_of(const std::vector<const CLI::App*>& commands);

// "--json", "-o"; in the order of the grammar, help first.
std::vector<std::string> options_of(const CLI::App& of);
bool has_option(const CLI::App& of, std::string_view name);
// It does nothing by itself: one of its commands has to follow.
bool needs_command(const CLI::App& of);

}  // namespace freshet::cli
