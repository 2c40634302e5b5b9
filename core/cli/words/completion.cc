#include "core/cli/words/completion.h"

#include <CLI/CLI.hpp>
#include <string_view>
#include <vector>

#include "core/cli/words/grammar_words.h"

namespace freshet::cli {
namespace {

// A command, by the words that lead to it: "rooms list", and what may follow.
struct Place {
  std::string path;
  const CLI::App* command;
};

void walk(const CLI::App& at, const std::string& path, std::vector<Place>& out) {
  out.push_back({path, &at});
  for (const CLI::App* each : commands_of(at)) {
    walk(*each, path.empty() ? each->get_name() : path + " " + each->get_name(), out);
  }
}

std::vector<Place> places(const CLI::App& grammar) {
  std::vector<Place> out;
  walk(grammar, "", out);
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

// ---- bash, and zsh, which can read that

constexpr std::string_view kBashHead =
    R"(# Completes freshet in bash. Written by `freshet completion bash`.
_freshet() {
  local word=${COMP_WORDS[COMP_CWORD]} path="" next commands options i
  for ((i = 1; i <= COMP_CWORD; i++)); do
    case $path in
)";
constexpr std::string_view kBashTail = R"(    esac
    next=${COMP_WORDS[i]}
    if [ "$i" -lt "$COMP_CWORD" ]; then
      case " $commands " in *" $next "*) path=${path:+$path }$next ;; esac
    fi
  done
  case $word in
    -*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word") ;;
    *)
      mapfile -t COMPREPLY < <(compgen -W "$commands" -- "$word")
      [ -n "$commands" ] || mapfile -t COMPREPLY < <(compgen -f -- "$word")
      ;;
  esac
}
complete -o filenames -F _freshet freshet
)";
constexpr std::string_view kZshHead = R"(#compdef freshet
autoload -U +X bashcompinit && bashcompinit
)";

std::string for_bash(const CLI::App& grammar) {
  std::string out(kBashHead);
  for (const Place& place : places(grammar)) {
    out += "      \"" + place.path + "\") commands=\"" +
           joined(names_of(commands_of(*place.command))) + "\" options=\"" +
           joined(options_of(*place.command)) + "\" ;;\n";
  }
  return out += kBashTail;
}

// ---- fish

std::string quoted_for_fish(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out + "'";
}

// All words of the path are there, and none of the commands that could follow.
std::string condition(const Place& place) {
  std::string out;
  std::string_view rest = place.path;
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    out += std::string(out.empty() ? "" : "; and ") + "__fish_seen_subcommand_from " +
           std::string(word);
  }
  const std::string further = joined(names_of(commands_of(*place.command)));
  if (further.empty()) return out;
  return out + (out.empty() ? "" : "; and ") + "not __fish_seen_subcommand_from " + further;
}

std::string for_fish(const CLI::App& grammar) {
  std::string out = "# Completes freshet in fish. Written by `freshet completion fish`.\n";
  for (const Place& place : places(grammar)) {
    const std::string when = "complete -c freshet -n " + quoted_for_fish(condition(place));
    for (const CLI::App* each : commands_of(*place.command)) {
      out += when + " -f -a " + each->get_name() + " -d " +
             quoted_for_fish(each->get_description()) + "\n";
    }
    for (const std::string& option : options_of(*place.command)) {
      const bool is_long = option.starts_with("--");
      out += when + (is_long ? " -l " : " -s ") + option.substr(is_long ? 2 : 1) + "\n";
    }
  }
  return out;
}

}  // namespace

std::string completion(const CLI::App& grammar, Shell shell) {
  switch (shell) {
    case Shell::bash: return for_bash(grammar);
    case Shell::zsh: return std::string(kZshHead) + for_bash(grammar);
    case Shell::fish: return for_fish(grammar);
  }
  return {};
}

}  // namespace freshet::cli
