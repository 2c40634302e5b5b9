#include "platform-ws/wiring/wiring.h"

#include <chrono>
#include <exception>
#include <string>
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
      half_received(settings.half_received_bytes),
      admission(settings.max_connections, settings.max_connections_per_address),
      outstanding(std::move(on_zero)),
      events(nullptr, h) {}

namespace {

// Says what was thrown, unless there is no memory for that either. Call it from a handler.
void log_thrown(Host host, const char* where) noexcept {
  try {
    try {
      throw;
    } catch (const std::exception& e) {
      host.error(std::string(where) + " threw: " + e.what());
    } catch (...) {
      host.error(std::string(where) + " threw something that is no std::exception");
    }
  } catch (...) {
    return;
  }
}

}  // namespace

void run_task(Host host, void (*task)(void*), void* arg) noexcept {
  try {
    task(arg);
  } catch (...) {
    log_thrown(host, "a posted function");
  }
}

template <class F>
bool Events::call(const char* name, F&& f) noexcept {
  try {
    f();
    return true;
  } catch (...) {
    log_thrown(host_, name);
  }
  return false;
}

bool Events::request(uint32_t shard, freshet_exchange* exchange,
                     const freshet_request& request) noexcept {
  return call("on_request", [&] { events_->on_request(events_->ctx, shard, exchange, &request); });
}
bool Events::open(freshet_conn* conn) noexcept {
  return call("on_open", [&] { events_->on_open(events_->ctx, conn); });
}
bool Events::message(freshet_conn* conn, Bytes message, bool text) noexcept {
  return call("on_message", [&] {
    events_->on_message(events_->ctx, conn, {message.data(), message.size()}, text ? 1 : 0);
  });
}
bool Events::drain(freshet_conn* conn) noexcept {
  return call("on_drain", [&] { events_->on_drain(events_->ctx, conn); });
}
bool Events::close(freshet_conn* conn) noexcept {
  return call("on_close", [&] { events_->on_close(events_->ctx, conn); });
}
bool Events::fault(freshet_conn* conn, uint16_t code, std::string_view reason) noexcept {
  if (!FRESHET_HAS(events_, on_fault)) return false;
  return call("on_fault",
              [&] { events_->on_fault(events_->ctx, conn, code, {reason.data(), reason.size()}); });
}
bool Events::stop(uint32_t deadline_ms) noexcept {
  return call("on_stop", [&] { events_->on_stop(events_->ctx, deadline_ms); });
}

// A core that has nothing to say wants what the settings allow, one that threw wants nothing.
uint64_t Events::body_limit(uint32_t shard, const freshet_request& head) noexcept {
  if (!FRESHET_HAS(events_, body_limit)) return UINT64_MAX;
  uint64_t wanted = 0;
  call("body_limit", [&] { wanted = events_->body_limit(events_->ctx, shard, &head); });
  return wanted;
}

uint64_t monotonic_ms() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

uint64_t wall_clock_ms() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
}

}  // namespace freshet::ws
