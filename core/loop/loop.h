// core/loop/loop.h: one event loop of the platform, as the code that lives on it sees it.
//
// A cheap handle; the platform outlives it.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include "core/loop/on_shard.h"
#include "freshet/platform.h"

namespace freshet {

class Loop {
 public:
  Loop(const freshet_platform& platform, uint32_t shard) : platform_(&platform), shard_(shard) {}

  const freshet_platform& platform() const { return *platform_; }
  uint32_t shard() const { return shard_; }
  uint64_t now_ms() const { return platform_->now_ms(platform_->self); }
  uint64_t unix_ms() const { return platform_->unix_ms(platform_->self); }
  // As fine as the platform has it.
  uint64_t now_ns() const {
    if (!FRESHET_HAS(platform_, now_ns)) return now_ms() * 1'000'000;
    return platform_->now_ns(platform_->self);
  }
  // Of this loop so far; nothing on a platform that does not say. [shard]
  WritingCost writing_cost() const {
    WritingCost cost;
    if (!FRESHET_HAS(platform_, writing_cost)) return cost;
    platform_->writing_cost(platform_->self, shard_, &cost.processor_ns, &cost.writes);
    return cost;
  }
  // Of the whole process; nothing on a platform that does not say. [any]
  MemoryUse memory() const {
    MemoryUse use;
    if (!FRESHET_HAS(platform_, memory)) return use;
    platform_->memory(platform_->self, &use.used_bytes, &use.available_bytes);
    return use;
  }

  // Runs `f` on this loop later; from one thread in order. [any]
  template <class F>
  void post(F f) const {
    struct Task {
      F f;
      uint32_t shard;
    };
    platform_->post(
        platform_->self, shard_,
        [](void* arg) {
          const std::unique_ptr<Task> task(static_cast<Task*>(arg));
          const OnShard here(task->shard);
          task->f();
        },
        new Task{std::move(f), shard_});
  }

  // The same, owning nothing: for what may never run, as the platform may never do. [any]
  void post(void (*fn)(void*), void* arg) const {
    platform_->post(platform_->self, shard_, fn, arg);
  }

  // Runs `fn` on this loop after a delay, unless the platform ends before. [shard]
  void after(uint32_t delay_ms, void (*fn)(void*), void* arg) const {
    platform_->post_after(platform_->self, shard_, delay_ms, fn, arg);
  }
  // The same; timers know milliseconds.
  void after_ns(uint64_t delay_ns, void (*fn)(void*), void* arg) const {
    constexpr uint64_t kNsPerMs = 1'000'000;
    after(static_cast<uint32_t>((delay_ns + kNsPerMs - 1) / kNsPerMs), fn, arg);
  }

 private:
  const freshet_platform* platform_;
  uint32_t shard_;
};

}  // namespace freshet
