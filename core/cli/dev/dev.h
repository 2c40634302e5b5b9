// core/cli/dev/dev.h: `freshet dev`: a server for as long as somebody tries a plugin.
#pragma once

#include <string>
#include <vector>

namespace freshet::cli {

struct DevRun {
  std::string manifest;              // empty: one with all wires
  std::vector<std::string> plugins;  // files
  std::string command;               // of a shell; empty: until Ctrl-C
};

// A server on a free port of the loopback, with its store in a folder that goes away, and these
// plugins in it. When a file changes another server takes over, with the same store at the same
// port. Ends with the command, and with its exit code; Ctrl-C ends all of it. Nothing stays behind.
int run_dev(const DevRun& run);

}  // namespace freshet::cli
