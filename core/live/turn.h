// core/live/turn.h: when something is looked at again: after a while, or soon if it was asked for
// anew.
#pragma once

#include <cstdint>

#include "core/live/limits.h"

namespace freshet {

class Turn {
 public:
  bool is_due(uint64_t now_ms, uint64_t every_ms) const {
    return begun_ms_ == 0 || now_ms >= begun_ms_ + (asked_ ? kAskedAgainMs : every_ms);
  }
  void begin(uint64_t now_ms) {
    begun_ms_ = now_ms;
    asked_ = false;
  }
  void ask() { asked_ = true; }

 private:
  uint64_t begun_ms_ = 0;  // 0: never
  bool asked_ = false;
};

}  // namespace freshet
