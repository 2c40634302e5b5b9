#include "platform-ws/wiring/events.h"

#include <exception>
#include <string>

namespace freshet::ws {

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
bool Events::aside(freshet_exchange* exchange, const freshet_request& request) noexcept {
  if (!FRESHET_HAS(events_, on_aside)) return false;
  return call("on_aside", [&] { events_->on_aside(events_->ctx, exchange, &request); });
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

}  // namespace freshet::ws
