// core/guard/apart.h: work in a process of its own, which may crash or hang there.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

namespace freshet {

struct Ended {
  bool began = false;   // there was a process to be had
  bool late = false;    // it was ended, as its time was up
  int signal = 0;       // that ended it otherwise
  int code = 0;         // it ended by itself, before its work was done
  bool done = false;    // its work was done
  std::string said;     // what that answered
  std::string printed;  // on stdout and stderr, the end of it
  std::chrono::milliseconds took{0};
};

// Runs `work` in a child of this process, with a folder of its own for what is temporary, and ends
// it with all it has started. REQUIRES: this process has one thread. [main]
Ended run_apart(const std::function<std::string()>& work, std::chrono::seconds limit);

}  // namespace freshet
