// core/rates/shared_rate.h: a rate that several threads take from, without a lock.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "core/rates/rate.h"

namespace freshet {

// [any]
class SharedRate {
 public:
  explicit SharedRate(uint64_t per_second) : refill_(per_second) {}

  // As Rate::take(). Threads that read the clock at different times may overtake each other here.
  bool take(uint64_t amount, uint64_t now_ms) {
    if (!refill_.bounded()) return true;
    const uint64_t now_ns = Refill::ns(now_ms);
    const uint64_t time_ns = refill_.time_for(amount);
    uint64_t full_ns = full_ns_.load(std::memory_order_relaxed);
    do {
      if (!refill_.any_left(full_ns, now_ns)) return false;
    } while (!full_ns_.compare_exchange_weak(full_ns, std::max(full_ns, now_ns) + time_ns,
                                             std::memory_order_relaxed));
    return true;
  }

  bool full(uint64_t now_ms) const {
    return full_ns_.load(std::memory_order_relaxed) <= Refill::ns(now_ms);
  }

 private:
  const Refill refill_;
  std::atomic<uint64_t> full_ns_{0};
};

}  // namespace freshet
