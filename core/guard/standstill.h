// core/guard/standstill.h: since when one thing has not gone on, and when that is worth a line.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/guard/limits.h"

namespace freshet {

class Standstill {
 public:
  enum class Say { nothing, stands, goes_on };

  // `mark` changes whenever it goes on. `due`: it is to go on at all. `since_look_ms`: since this
  // was called before.
  Say look(uint64_t mark, bool due, uint64_t since_look_ms) {
    if (!due || mark != mark_) {
      mark_ = mark;
      return end();
    }
    stood_ms_ += std::min(since_look_ms, kMostBetweenLooksMs);
    if (stood_ms_ < next_ms_) return Say::nothing;
    next_ms_ = next_ms_ == kHangsMs ? kHangsAgainMs : stood_ms_ + kHangsEachMs;
    return Say::stands;
  }

  bool stands() const { return next_ms_ != kHangsMs; }  // it was told of
  uint64_t stood_ms() const { return stood_ms_; }
  // After Say::goes_on: how long it stood.
  uint64_t last_ms() const { return last_ms_; }

 private:
  Say end() {
    const bool stood = stands();
    last_ms_ = stood_ms_;
    stood_ms_ = 0;
    next_ms_ = kHangsMs;
    return stood ? Say::goes_on : Say::nothing;
  }

  uint64_t mark_ = 0;
  uint64_t stood_ms_ = 0, last_ms_ = 0;
  uint64_t next_ms_ = kHangsMs;
};

}  // namespace freshet
