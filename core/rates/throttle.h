// core/rates/throttle.h: so many in a second, and not one more to make up for a quiet one.
#pragma once

#include <cstdint>

namespace freshet {

class Throttle {
 public:
  explicit Throttle(uint64_t per_second) : per_second_(per_second) {}

  // False: that would be too many, and none was taken. More than a whole second's share is let
  // through alone.
  bool take(uint64_t now_ms, uint64_t amount = 1) {
    if (now_ms - since_ms_ >= 1'000) {
      since_ms_ = now_ms;
      taken_ = 0;
    }
    if (taken_ > 0 && taken_ + amount > per_second_) return false;
    taken_ += amount;
    return true;
  }

  // Whether something small could be taken.
  bool has(uint64_t now_ms) const { return now_ms - since_ms_ >= 1'000 || taken_ < per_second_; }

 private:
  const uint64_t per_second_;
  uint64_t since_ms_ = 0;
  uint64_t taken_ = 0;
};

}  // namespace freshet
