// core/rates/rate.h: so many in a second, and ten seconds' worth at once.
//
// Kept as the time at which all would be there again (GCRA, "virtual scheduling" of ITU-T I.371):
// one number, and so one atomic for many threads (shared_rate.h). What is taken while one is
// left may be more than that, and is owed: one large message passes however low the rate is, and
// the next one waits for it.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/rates/limits.h"

namespace freshet {

// A rate, in nanoseconds.
class Refill {
 public:
  explicit Refill(uint64_t per_second) : per_second_(per_second) {}

  bool bounded() const { return per_second_ != 0; }
  // How long it takes to have this much again.
  uint64_t time_for(uint64_t amount) const {
    if (!bounded()) return 0;
    return std::min(amount, kMaxAmount) * kSecondNs / per_second_;
  }
  // Whether one of it is left, if all of it will be there at that time.
  bool any_left(uint64_t full_ns, uint64_t now_ns) const {
    return !bounded() || full_ns + time_for(1) <= now_ns + kBurstNs;
  }

  static constexpr uint64_t ns(uint64_t now_ms) { return now_ms * 1'000'000; }
  static constexpr uint64_t kBurstNs = kBurstSeconds * 1'000'000'000;

 private:
  static constexpr uint64_t kSecondNs = 1'000'000'000;
  static constexpr uint64_t kMaxAmount = UINT64_MAX / kSecondNs / 2;  // so that nothing wraps

  uint64_t per_second_;  // 0: as much as there is
};

// Its owner's alone.
class Rate {
 public:
  explicit Rate(uint64_t per_second) : refill_(per_second) {}

  // False: there is none left now, and none was taken.
  bool take(uint64_t amount, uint64_t now_ms) {
    const uint64_t now_ns = Refill::ns(now_ms);
    if (!refill_.any_left(full_ns_, now_ns)) return false;
    full_ns_ = std::max(full_ns_, now_ns) + refill_.time_for(amount);
    return true;
  }
  // Takes it in any case. How long it will be until nothing is owed; past `most_owed_ns` it is
  // forgiven.
  uint64_t take_anyway(uint64_t amount, uint64_t now_ms, uint64_t most_owed_ns) {
    const uint64_t now_ns = Refill::ns(now_ms);
    full_ns_ = std::min(std::max(full_ns_, now_ns) + refill_.time_for(amount),
                        now_ns + Refill::kBurstNs + most_owed_ns);
    return full_ns_ - std::min(full_ns_, now_ns + Refill::kBurstNs);
  }

  bool has_any(uint64_t now_ms) const { return refill_.any_left(full_ns_, Refill::ns(now_ms)); }
  bool bounded() const { return refill_.bounded(); }

 private:
  const Refill refill_;
  uint64_t full_ns_ = 0;  // when all is there again
};

}  // namespace freshet
