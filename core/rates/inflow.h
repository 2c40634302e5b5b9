// core/rates/inflow.h: how much is sent into a room, and for how long who sends too much is not
// read.
//
// Whatever has come is taken, so nothing is lost of a session that goes on: who writes after a gap
// would write in vain.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "core/config/limits.h"
#include "core/rates/limits.h"
#include "core/rates/rate.h"

namespace freshet {

// Lives on the room's shard, owned by the room.
class Inflow {
 public:
  struct Pause {
    uint32_t ms = 0;  // 0: none
    bool for_bytes = false;
  };

  explicit Inflow(const Limits& limits)
      : messages_(limits.room_messages_per_second), bytes_(limits.room_bytes_per_second) {}

  bool bounded() const { return messages_.bounded() || bytes_.bounded(); }

  Pause take(size_t bytes, uint64_t now_ms) {
    const uint64_t messages_owed_ns = messages_.take_anyway(1, now_ms, kMostOwedNs);
    const uint64_t bytes_owed_ns = bytes_.take_anyway(bytes, now_ms, kMostOwedNs);
    const uint64_t steps = (std::max(messages_owed_ns, bytes_owed_ns) + kStepNs - 1) / kStepNs;
    return {std::min(static_cast<uint32_t>(steps) * kPauseStepMs, kLongestPauseMs),
            bytes_owed_ns > messages_owed_ns};
  }

 private:
  static constexpr uint64_t kMostOwedNs = Refill::ns(kLongestDebtMs);
  static constexpr uint64_t kStepNs = Refill::ns(kPauseStepMs);

  Rate messages_, bytes_;
};

}  // namespace freshet
