// core/check/options.h: what the checker is asked to do.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/check/limits.h"

namespace freshet::check {

struct Options {
  std::string plugin;  // a file, or an id
  std::string manifest;
  std::vector<std::pair<std::string, std::string>> set;
  std::string token;
  std::string filter;
  uint64_t seed = 0;  // 0: by chance
  std::chrono::seconds timeout = kTestLimit;
  bool json = false;
  bool inspect = false;  // look at it, and create nothing
};

// Nothing: the program is to end with `exit`, and has said why.
std::optional<Options> parse_options(int argc, const char* const* argv, int& exit);

}  // namespace freshet::check
