// tests/sim/scene.h: what all parts of a run share: time, dice, weather, the verdict.
#pragma once

#include <cstdint>
#include <string>

#include "sim/chance.h"
#include "sim/timeline.h"
#include "sim/verdict.h"

namespace freshet::sim {

// How unkind the outside world is. Each delay is thrown anew between its bounds.
struct Range {
  uint64_t low_us, high_us;
};
struct Weather {
  Range network{kMs, kMs};
  Range post{0, 0};            // from one thread to a shard
  Range worker{0, 100};        // a job on a worker queue, the store's own time not included
  uint64_t stall_percent = 0;  // of a shard's turns, after which it stands still
  Range stall{kMs, 50 * kMs};
  Range timer_late{0, 0};       // as where much is ready before a timer
  uint64_t write_ns = 0;        // of its shard's time, for writing to a connection once
  uint64_t write_frame_ns = 0;  // and for each message in it

  uint64_t memory_percent = 0;  // of what the machine has, taken by the process

  Range disk{kMs, kMs};            // one call of the store
  uint64_t disk_slow_percent = 0;  // of calls, which take as long as `disk_slow`
  Range disk_slow{kSecond, 40 * kSecond};
  uint64_t append_fails_percent = 0;
  uint64_t append_unknown_percent = 0;  // it is written, and said to have failed
  uint64_t load_fails_percent = 0;
  uint64_t replace_fails_percent = 0;
};

struct Scene {
  Scene(uint64_t seed_of_run, bool trace)
      : seed(seed_of_run), chance(seed_of_run), verdict(timeline, trace) {}
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  uint64_t within(Range range) { return chance.between(range.low_us, range.high_us); }

  const uint64_t seed;
  Timeline timeline;
  Chance chance;
  Verdict verdict;
  Weather weather;
};

}  // namespace freshet::sim
