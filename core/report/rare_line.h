// core/report/rare_line.h: what peers can cause at will, in the log: seldom, however often it
// happens.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/report/limits.h"
#include "core/report/log.h"
#include "core/report/printable.h"

namespace freshet {

// One per shard and thing to say.
class RareLine {
 public:
  // `noun`: what it happens to, "room", and its name in the log. `about`: what happened, up to what
  // differs from time to time. Both outlive this.
  RareLine(Log& log, std::string_view noun, std::string_view about)
      : log_(log), noun_(noun), about_(about) {}

  void note(std::string_view name, std::string_view what, uint64_t now_ms) {
    if (now_ms < not_before_ms_) {
      ++unsaid_;
      return;
    }
    not_before_ms_ = now_ms + kRareLineAgainMs;
    std::string line = std::string(noun_) + " \"" + printable(name) + "\": ";
    line += about_;
    line += what;
    if (unsaid_ > 0) line += "; " + std::to_string(unsaid_) + " more since the last such line";
    unsaid_ = 0;
    log_.warn(noun_, line);
  }

 private:
  Log& log_;
  std::string_view noun_, about_;
  uint64_t not_before_ms_ = 0;
  uint64_t unsaid_ = 0;
};

}  // namespace freshet
