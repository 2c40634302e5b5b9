// core/cli/setup/init.h: `freshet init`: a manifest by a few questions, or by options.
#pragma once

#include "core/cli/exit_code.h"
#include "core/cli/setup/choices.h"

namespace freshet::cli {

// `ask`: nothing was chosen on the command line, and a person sits at the terminal. Writes the
// manifest, and beside it freshet.env with the secrets it needs, which only its owner reads; tells
// what to type next. What is there is not touched without choices.force.
ExitCode init(Choices choices, bool ask);

}  // namespace freshet::cli
