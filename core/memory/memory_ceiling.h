// core/memory/memory_ceiling.h: what the whole process takes of the memory it may have, and what
// has to give when that is too much: idle documents first, then newcomers, then who reads slowly.
//
// One for all shards. What the process takes is what the system says: all that is counted nowhere
// is in it, and what was freed a moment ago too.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "core/loop/loop.h"
#include "core/report/log.h"
#include "core/report/metrics.h"

namespace freshet {

class MemoryCeiling {
 public:
  // `bytes`: the ceiling; 0: a share of what the platform says there is, if it does.
  MemoryCeiling(uint64_t bytes, Log& log, Metrics& metrics);
  MemoryCeiling(const MemoryCeiling&) = delete;
  MemoryCeiling& operator=(const MemoryCeiling&) = delete;

  // Looks from now on, on this loop. [main], once
  void start(const Loop& loop);

  // ---- as of the last look. [any]
  // So much of what is idle should go.
  size_t excess_bytes() const { return excess_bytes_.load(std::memory_order_relaxed); }
  // To rooms whose document is not in memory; to all.
  bool refuses_loads() const { return level() >= Level::refuses_loads; }
  bool refuses_joins() const { return level() >= Level::refuses_joins; }
  // Of what may wait for one reader: what may now.
  size_t reader_bytes(size_t limit) const { return refuses_joins() ? limit / kReaderShare : limit; }

 private:
  enum class Level : uint8_t { enough, lets_go, refuses_loads, refuses_joins };
  static constexpr size_t kReaderShare = 4;

  void look();
  Level level() const { return level_.load(std::memory_order_relaxed); }
  static Level next(Level now, uint64_t used, uint64_t ceiling);
  void log(Level level, uint64_t used, uint64_t ceiling, uint64_t now_ms);

  const uint64_t setting_bytes_;
  Log& log_;
  freshet_metric &used_, &ceiling_;
  std::optional<Loop> loop_;
  uint64_t log_not_before_ms_ = 0;
  std::atomic<Level> level_{Level::enough};
  std::atomic<size_t> excess_bytes_{0};
};

}  // namespace freshet
