#include "platform-ws/wiring/wiring.h"

#include <chrono>
#include <utility>

namespace freshet::ws {

WsMetrics::WsMetrics(Host host)
    : sockets(host.gauge("freshet_sockets", "Open sockets, HTTP and WebSocket.")),
      connections(host.gauge("freshet_connections", "Open WebSocket connections.")),
      requests(host.counter("freshet_http_requests_total", "HTTP requests, upgrades included.")),
      refused(host.counter("freshet_refused_total",
                           "Sockets and requests refused by a limit or as malformed.")),
      overrun(host.counter("freshet_readers_overrun_total",
                           "Connections closed because their reader was too slow.")),
      out_of_memory(host.counter("freshet_out_of_memory_total",
                                 "Connections closed, or messages not sent, for want of memory.")),
      held(host.gauge("freshet_held_closes",
                      "Connections whose close waits, so that they do not come back at once.")),
      messages_in(host.counter("freshet_messages_in_total", "WebSocket messages received.")),
      messages_out(host.counter("freshet_messages_out_total", "WebSocket messages queued.")),
      bytes_in(host.counter("freshet_bytes_in_total", "Bytes received on WebSocket connections.")),
      bytes_out(host.counter("freshet_bytes_out_total", "Bytes sent on WebSocket connections.")) {}

Wiring::Wiring(WsSettings s, Host h, std::function<void()> on_zero)
    : settings(std::move(s)),
      host(h),
      metrics(h),
      refused_lines(h),
      half_received(settings.half_received_bytes),
      admission(settings.max_connections, settings.max_connections_per_address),
      outstanding(std::move(on_zero)),
      events(nullptr, h) {}

uint64_t monotonic_ms() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

uint64_t monotonic_ns() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}

uint64_t wall_clock_ms() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

}  // namespace freshet::ws
