// wiring.h: what every part of a running platform shares. Owned by WsPlatform, borrowed by all.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "freshet/host.h"
#include "platform-ws/socket/admission.h"
#include "platform-ws/websocket/byte_budget.h"
#include "platform-ws/wiring/events.h"
#include "platform-ws/wiring/refused_lines.h"
#include "platform-ws/wiring/settings.h"

namespace freshet::ws {

// Counts what must have happened before run() may return: posted functions, pushed jobs, open
// sockets. What such a thing starts is counted before it is itself done, so zero means all done.
class Outstanding {
 public:
  // `on_zero` is called on whatever thread takes the count to zero while it is watched.
  explicit Outstanding(std::function<void()> on_zero) : on_zero_(std::move(on_zero)) {}

  void add() { count_.fetch_add(1); }
  void done() {
    if (count_.fetch_sub(1) == 1 && watched_.load()) on_zero_();
  }
  // From now on zero is told. Ask is_zero() after this: it may be zero already.
  void watch() { watched_.store(true); }
  bool is_zero() const { return count_.load() == 0; }

 private:
  const std::function<void()> on_zero_;
  std::atomic<bool> watched_{false};
  alignas(64) std::atomic<int64_t> count_{0};
};

struct WsMetrics {
  explicit WsMetrics(Host host);

  Metric sockets, connections, requests, refused, overrun, out_of_memory, held;
  Metric messages_in, messages_out, bytes_in, bytes_out;
};

struct Wiring {
  Wiring(WsSettings s, Host h, std::function<void()> on_zero);

  const WsSettings settings;
  const Host host;
  WsMetrics metrics;
  RefusedLines refused_lines;
  ByteBudget half_received;  // messages of which a part is here, over all connections
  Admission admission;
  Outstanding outstanding;
  Events events;  // set in start(), before any thread
};

uint64_t monotonic_ms();
uint64_t monotonic_ns();
uint64_t wall_clock_ms();

}  // namespace freshet::ws
