// The program: from a command line to one of its commands.
#include "core/cli/command_line.h"
#include "core/cli/composition.h"

namespace {

using freshet::cli::Command;
using freshet::cli::ExitCode;

ExitCode run(const Command& command) {
  switch (command.what) {
    case Command::What::check: return freshet::cli::check(command.manifest);
    case Command::What::plugins: return freshet::cli::list_plugins(command.plugin_folders);
    default: return freshet::cli::kFailed;
  }
}

}  // namespace

int main(int argc, char** argv) {
  ExitCode exit = freshet::cli::kOk;
  const auto command = freshet::cli::parse_command_line(argc, argv, exit);
  return command ? run(*command) : exit;
}
