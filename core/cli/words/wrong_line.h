// core/cli/words/wrong_line.h: what a person is told whose command line was not understood.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace freshet::cli {

// For who typed the program's name alone: what to type next.
std::string what_to_do();

// The command or option that there is not, and the one that was probably meant; or which commands
// could follow where none does. Empty if the names are right, and wrong is what follows them.
std::string unknown_word(const CLI::App& grammar, int argc, const char* const* argv);

}  // namespace freshet::cli
