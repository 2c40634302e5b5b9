// core/shards/strain_watch.h: how far one shard is behind with its work, measured; and told to its
// rooms, the metrics and the log.
//
// Lives on its shard.
#pragma once

#include <cstdint>

#include "core/loop/loop.h"
#include "core/loop/pulse.h"
#include "core/loop/strain.h"
#include "core/report/log.h"
#include "core/shards/shard_metrics.h"
#include "core/windows/shard_pace.h"

namespace freshet {

class StrainWatch {
 public:
  // All outlive it. `pulse` beats with it.
  StrainWatch(Loop loop, ShardPace& pace, Pulse& pulse, ShardMetrics& metrics, Log& log)
      : loop_(loop), pace_(pace), pulse_(pulse), metrics_(metrics), log_(log) {}
  StrainWatch(const StrainWatch&) = delete;
  StrainWatch& operator=(const StrainWatch&) = delete;

  void start();  // [main], once
  bool refuses_joins() const { return meter_.strain() >= Strain::joins; }

 private:
  void beat();
  void tell(Strain before, Strain now);
  void log_refusing();

  const Loop loop_;
  ShardPace& pace_;
  Pulse& pulse_;
  ShardMetrics& metrics_;
  Log& log_;
  StrainMeter meter_;
  uint64_t due_ns_ = 0;  // the beat to come; 0: the first
  uint64_t log_not_before_ms_ = 0;
};

}  // namespace freshet
