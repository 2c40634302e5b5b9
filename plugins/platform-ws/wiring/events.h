// events.h: the core's callbacks, with the border around them.
#pragma once

#include "freshet/bytes.h"
#include "freshet/host.h"

#include "freshet/abi/platform.h"

namespace freshet::ws {

// Each call is false when the core threw, which it must not: it is logged, and the caller ends what
// the call was about.
class Events {
 public:
  Events(const freshet_events* events, Host host) : events_(events), host_(host) {}

  bool request(uint32_t shard, freshet_exchange* exchange, const freshet_request& request) noexcept;
  // The same where no shard can take it.
  bool aside(freshet_exchange* exchange, const freshet_request& request) noexcept;
  bool open(freshet_conn* conn) noexcept;
  bool message(freshet_conn* conn, Bytes message, bool text) noexcept;
  bool drain(freshet_conn* conn) noexcept;
  bool close(freshet_conn* conn) noexcept;
  bool stop(uint32_t deadline_ms) noexcept;
  // How many bytes of body are wanted.
  uint64_t body_limit(uint32_t shard, const freshet_request& head) noexcept;
  bool fault(freshet_conn* conn, uint16_t code, std::string_view reason) noexcept;

 private:
  template <class F>
  bool call(const char* name, F&& f) noexcept;

  const freshet_events* events_;
  Host host_;
};

// Runs one function that the core posted; what it throws goes to the log.
void run_task(Host host, void (*task)(void*), void* arg) noexcept;

}  // namespace freshet::ws
