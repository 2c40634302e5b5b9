// core/report/rare_line.h: what peers can cause at will, in the log: seldom, however often it
// happens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/report/log.h"
#include "core/report/printable.h"

namespace freshet {

// One per shard and thing to say.
class RareLine {
 public:
  // `about`: what happened, up to what differs from time to time. Outlives this.
  RareLine(Log& log, std::string_view about) : log_(log), about_(about) {}

  void note(std::string_view room, std::string_view what, uint64_t now_ms) {
    if (now_ms < not_before_ms_) {
      ++unsaid_;
      return;
    }
    not_before_ms_ = now_ms + kAgainMs;
    std::string line = "room \"" + printable(room) + "\": ";
    line += about_;
    line += what;
    if (unsaid_ > 0) line += "; " + std::to_string(unsaid_) + " more since the last such line";
    unsaid_ = 0;
    log_.warn("room", line);
  }

 private:
  static constexpr uint64_t kAgainMs = 10'000;

  Log& log_;
  std::string_view about_;
  uint64_t not_before_ms_ = 0;
  uint64_t unsaid_ = 0;
};

}  // namespace freshet
