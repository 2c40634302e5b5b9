// core/live/server/busy_meter.h: how busy a loop was: how much of each second its thread has had of
// a processor.
#pragma once

#include <cstdint>
#include <optional>

#include "core/live/limits.h"

namespace freshet {

class BusyMeter {
 public:
  // Of a thousand, once a second; nothing: none is over since the last time.
  // `used_us`: what the thread has had so far.
  std::optional<uint32_t> permille(uint64_t now_ms, uint64_t used_us) {
    if (since_ && now_ms - since_->at_ms < kServerEveryMs) return std::nullopt;
    const std::optional<Moment> before = since_;
    since_ = Moment{now_ms, used_us};
    if (!before) return std::nullopt;
    return static_cast<uint32_t>((used_us - before->used_us) / (now_ms - before->at_ms));
  }
  // Nobody looks meanwhile.
  void forget() { since_.reset(); }

 private:
  struct Moment {
    uint64_t at_ms, used_us;
  };
  std::optional<Moment> since_;
};

}  // namespace freshet
