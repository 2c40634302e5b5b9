// core/tests/offered/store_on_loop.h: a store of the test's own, behind a queue on the simulator's
// loop.
#pragma once

#include "core/store/store_queue.h"
#include "core/tests/report/kept_log.h"
#include "freshet/testing.h"
#include "sim/platform/sim_platform.h"

namespace freshet::sim {

struct StoreOnLoop {
  // Outlives this.
  explicit StoreOnLoop(const freshet_store& store)
      : queue(*bound.table(), store, replies, limits), ready(queue.open()) {}
  ~StoreOnLoop() { platform.kill(); }
  StoreOnLoop(const StoreOnLoop&) = delete;
  StoreOnLoop& operator=(const StoreOnLoop&) = delete;

  void run() { scene.timeline.run_until(scene.timeline.now_us() + 1'000'000); }

  Scene scene{1, false};
  SimPlatform platform{scene, 1};
  const testing::FakeHost host;
  const Bound<Platform> bound{platform, host.host()};
  Metrics metrics;
  KeptLog log;
  Replies replies{*bound.table(), metrics, log};
  const Limits limits;
  StoreQueue queue;
  const Status ready;
};

}  // namespace freshet::sim
