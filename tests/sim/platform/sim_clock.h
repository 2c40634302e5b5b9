// tests/sim/platform/sim_clock.h: what a machine's clocks show of the run's time.
#pragma once

#include <cstdint>

#include "sim/timeline.h"

namespace freshet::sim {

struct SimClock {
  int32_t drift_ppm = 0;      // it runs faster by so many millionths
  int64_t unix_ahead_ms = 0;  // of the true time
  uint64_t stood_us = 0;      // so long it stood still with its machine

  // Since the run began.
  uint64_t own_us(uint64_t true_us) const {
    const uint64_t ran_us = true_us - stood_us;
    return ran_us + static_cast<uint64_t>(static_cast<int64_t>(ran_us) * drift_ppm / kMillion);
  }
  // How long it takes until it shows so much more: rounded up.
  uint64_t true_us_of(uint64_t own_us) const {
    const auto rate = static_cast<uint64_t>(kMillion + drift_ppm);
    return (own_us * kMillion + rate - 1) / rate;
  }

 private:
  static constexpr int64_t kMillion = 1'000'000;
};

}  // namespace freshet::sim
