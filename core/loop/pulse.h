// core/loop/pulse.h: whether an event loop goes on, and what it is in, for whoever watches it from
// another thread (core/guard).
#pragma once

#include <atomic>
#include <cstdint>

#include "core/report/in_plugin.h"

namespace freshet {

// Of one loop. Outlives its thread.
class Pulse {
 public:
  // Somebody looks from now on. Before the loop runs. [main]
  void watch() { watched_ = true; }

  // It goes on. [shard]
  void beat() {
    if (watched_ && beats() == 0) InPlugin::show_in(asked_);
    beats_.fetch_add(1, std::memory_order_relaxed);
  }

  uint64_t beats() const { return beats_.load(std::memory_order_relaxed); }  // [any]
  // "protocol-mine.message"; null: it is in no plugin. [any]
  const char* asked() const { return asked_.load(std::memory_order_relaxed); }

 private:
  bool watched_ = false;
  std::atomic<uint64_t> beats_{0};
  std::atomic<const char*> asked_{nullptr};
};

}  // namespace freshet
