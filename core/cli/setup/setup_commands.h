// core/cli/setup/setup_commands.h: what `freshet init` and `freshet doctor` take on a command line.
#pragma once

#include "core/cli/doctor/doctor.h"
#include "core/cli/setup/choices.h"

namespace CLI {
class App;
}

namespace freshet::cli {

// Both outlive the grammar.
void add_init_options(CLI::App& init, Choices& out);
void add_doctor_options(CLI::App& doctor, Doubts& out);

// Nothing of it was chosen on the command line, and a person sits at a terminal.
bool is_to_ask(int argc);

}  // namespace freshet::cli
