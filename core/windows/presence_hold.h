// core/windows/presence_hold.h: how long presence waits in the window of a room whose shard is
// behind with its work.
//
// Lives on the shard, owned by what sends the window. Must not be destroyed while armed().
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "core/loop/loop.h"
#include "core/windows/shard_pace.h"
#include "core/windows/window.h"

namespace freshet {

class PresenceHold {
 public:
  // All outlive it. `on_due`: what was held is to leave.
  PresenceHold(Loop loop, const ShardPace& pace, Window& window, std::function<void()> on_due)
      : loop_(loop), pace_(pace), window_(window), on_due_(std::move(on_due)) {}
  PresenceHold(const PresenceHold&) = delete;
  PresenceHold& operator=(const PresenceHold&) = delete;

  // Presence has come into a window that had none to leave: it leaves, or is held until it is a
  // while since some has.
  void decide() {
    const uint64_t now_ns = loop_.now_ns();
    const uint64_t due_ns = left_ns_ + pace_.presence_window_ns();
    if (now_ns >= due_ns) return let_go(now_ns);
    window_.hold_presence(true);
    if (!std::exchange(armed_, true)) loop_.after_ns(due_ns - now_ns, is_due, this);
  }
  bool armed() const { return armed_; }

 private:
  static void is_due(void* self) {
    auto& hold = *static_cast<PresenceHold*>(self);
    const OnShard here(hold.loop_.shard());
    hold.armed_ = false;
    hold.let_go(hold.loop_.now_ns());
    hold.on_due_();
  }
  void let_go(uint64_t now_ns) {
    window_.hold_presence(false);
    left_ns_ = now_ns;
  }

  const Loop loop_;
  const ShardPace& pace_;
  Window& window_;
  const std::function<void()> on_due_;
  uint64_t left_ns_ = 0;  // 0: none has
  bool armed_ = false;
};

}  // namespace freshet
