#include "core/cli/words/wrong_line.h"

#include <string_view>
#include <vector>

#include "core/cli/words/grammar_words.h"
#include "core/report/nearest.h"
#include "core/report/printable.h"
#include "core/version.h"

namespace freshet::cli {
namespace {

constexpr std::string_view kWhatToDo = R"(: a realtime collaboration server made of plugins.

  freshet serve     serve at once: 127.0.0.1:4747, documents in ./data
  freshet init      write a manifest, freshet.toml, by answering a few questions
  freshet doctor    try a manifest: what would go wrong, and how to mend it
  freshet studio    a page that looks into the server, in a browser of this machine
  freshet --help    all commands; `freshet COMMAND --help` says what each takes
)";

std::string there_is_no(std::string_view noun, const std::string& path, std::string_view word,
                        const std::vector<std::string>& known) {
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  std::string out = "there is no " + std::string(noun) + " \"" + path + printable(word) + "\"";
  return out + suggestion(word, candidates);
}

}  // namespace

std::string what_to_do() { return std::string("freshet ") + kVersion + std::string(kWhatToDo); }

std::string unknown_word(const CLI::App& grammar, int argc, const char* const* argv) {
  const CLI::App* at = &grammar;
  std::string path;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word(argv[i]);
    if (word.starts_with("--") && word.size() > 2) {
      const std::string name(word.substr(0, word.find('=')));
      if (!has_option(*at, name)) return there_is_no("option", path, name, options_of(*at));
      continue;
    }
    if (word.starts_with('-')) continue;
    if (const CLI::App* next = command_of(*at, word); next != nullptr) {
      at = next;
      path += std::string(word) + " ";
    } else if (needs_command(*at)) {
      return there_is_no("command", path, word, names_of(commands_of(*at)));
    }
  }
  if (!needs_command(*at)) return {};
  std::string out = path + "does nothing by itself; it takes one of: ";
  for (const std::string& name : names_of(commands_of(*at))) out += name + ", ";
  return out.substr(0, out.size() - 2);
}

}  // namespace freshet::cli
