// core/cli/words/completion.h: `freshet completion SHELL`: a script that completes what is typed,
// made of the grammar itself, so that no word is missing.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace freshet::cli {

enum class Shell { bash, zsh, fish };

std::string completion(const CLI::App& grammar, Shell shell);

}  // namespace freshet::cli
