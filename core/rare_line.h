// core/oversize_log.h: what was refused for its size, in the log: seldom, however often it is
// tried.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/log.h"
#include "core/printable.h"

namespace freshet {

// One per shard.
class OversizeLog {
 public:
  explicit OversizeLog(Log& log) : log_(log) {}

  // `what`: with both sizes, the one that came and the one that may.
  void note(std::string_view room, std::string_view what, uint64_t now_ms) {
    if (now_ms < not_before_ms_) {
      ++unsaid_;
      return;
    }
    not_before_ms_ = now_ms + kAgainMs;
    std::string line = "room \"" + printable(room) + "\": refused for its size: ";
    line += what;
    if (unsaid_ > 0) line += "; " + std::to_string(unsaid_) + " more since the last such line";
    unsaid_ = 0;
    log_.warn("room", line);
  }

 private:
  static constexpr uint64_t kAgainMs = 10'000;

  Log& log_;
  uint64_t not_before_ms_ = 0;
  uint64_t unsaid_ = 0;
};

}  // namespace freshet
