// core/guard/hang_watch.h: what of the server stands still, in the log, the metrics and for
// /healthz: a plugin that does not come back while the server starts or ends, and an event loop
// that does not come to its next turn.
//
// No clock and no thread of its own: whoever calls look() has them (watchdog.h), and calls it from
// one thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "core/guard/standstill.h"
#include "core/host/steps.h"
#include "core/loop/pulse.h"
#include "core/report/health.h"
#include "core/report/log.h"
#include "core/report/metrics.h"

namespace freshet {

class HangWatch {
 public:
  // All outlive it.
  HangWatch(const Steps& steps, Log& log, Metrics& metrics);
  HangWatch(const HangWatch&) = delete;
  HangWatch& operator=(const HangWatch&) = delete;

  // These loops, too, by their numbers. Both outlive this, or forget() is called before they go.
  void watch(const std::vector<const Pulse*>& pulses, Health& health);
  void forget();

  void look(uint64_t since_look_ms);
  // Whether there are loops that are watched, and none of them stands.
  bool all_go_on() const;

 private:
  struct Watched {
    const Pulse* pulse;
    std::string name;  // "shard 0"
    Standstill standstill;
    std::string in;  // where it was when that was last told; empty: in no plugin
    Standstill::Say news;
  };

  void look_at_steps(uint64_t since_look_ms);
  void look_at(Watched& shard, uint64_t since_look_ms);
  void tell_health();
  void tell(const Watched& shard) const;

  const Steps& steps_;
  Log& log_;
  freshet_metric &hanging_, &hangs_;
  Standstill step_;
  std::string step_name_;  // of what was told of
  std::deque<Watched> shards_;
  Health* health_ = nullptr;
};

}  // namespace freshet
