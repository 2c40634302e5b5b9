// core/shards/rate.h: so many per second, and a burst of some seconds' worth; a token bucket.
#pragma once

#include <algorithm>
#include <cstdint>

namespace freshet {

class Rate {
 public:
  static constexpr uint64_t kBurstSeconds = 10;

  Rate(uint64_t per_second, uint64_t now_ms)
      : per_second_(per_second), filled_ms_(now_ms), thousandths_(full()) {}

  // False: there is nothing left now, and nothing was taken.
  bool take(uint64_t now_ms) {
    const uint64_t elapsed_ms = std::min(now_ms - filled_ms_, kBurstSeconds * 1'000);
    thousandths_ = std::min(thousandths_ + elapsed_ms * per_second_, full());
    filled_ms_ = now_ms;
    if (thousandths_ < 1'000) return false;
    thousandths_ -= 1'000;
    return true;
  }

 private:
  uint64_t full() const { return per_second_ * kBurstSeconds * 1'000; }

  const uint64_t per_second_;
  uint64_t filled_ms_;
  uint64_t thousandths_;  // of a message
};

}  // namespace freshet
