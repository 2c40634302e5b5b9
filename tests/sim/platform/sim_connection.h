// tests/sim/platform/sim_connection.h: a simulated connection and a simulated request, for
// SimPlatform.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "sim/platform/sim_platform.h"

namespace freshet::sim {

struct SimPlatform::Body : freshet_body {
  uint32_t references = 1;
  std::vector<uint8_t> bytes;
};

// The core sees the freshet_conn at its beginning.
struct SimPlatform::Conn : freshet_conn {
  enum class State { connecting, accepted, open, closing, closed };

  struct Outgoing {
    std::vector<uint8_t> prefix;
    freshet_body* body;
    bool text;
    bool urgent = false;
    size_t size() const { return prefix.size() + body->size; }
  };

  SocketId id = 0;
  uint32_t shard = 0;
  State state = State::connecting;
  Peer* peer = nullptr;    // null: nobody listens any more
  bool peer_reads = true;  // false: it vanished, what is sent piles up
  bool hung_up = false;
  bool held = false;  // closed for the core, and its peer does not know yet

  std::deque<Outgoing> queue;
  uint64_t bytes_per_ms = UINT64_MAX;
  bool pump_pending = false;
  uint64_t last_to_client_us = 0;  // in order, each way
  uint64_t last_to_server_us = 0;
  uint16_t close_code = 0;
  std::string close_reason;
};

struct SimPlatform::Exchange {
  uint64_t id = 0;
  uint32_t shard = 0;
  Conn* conn = nullptr;  // of an upgrade
  std::function<void(const HttpAnswer&)> on_answer;

  std::string method, target, body, peer;
  Headers headers;
  std::vector<freshet_header> c_headers;
  freshet_request c{};

  freshet_exchange* handle() { return reinterpret_cast<freshet_exchange*>(this); }
  static Exchange& of(freshet_exchange* handle) { return *reinterpret_cast<Exchange*>(handle); }

  void take(const HttpRequest& request) {
    method = request.method;
    target = request.target;
    body = request.body;
    peer = request.peer;
    headers = request.headers;
    for (const auto& [name, value] : headers) {
      c_headers.push_back({to_c(std::string_view(name)), to_c(std::string_view(value))});
    }
    c.size = sizeof(c);
    c.role = request.role;
    c.method = to_c(std::string_view(method));
    c.target = to_c(std::string_view(target));
    c.peer = to_c(std::string_view(peer));
    c.headers = c_headers.data();
    c.header_count = c_headers.size();
    c.body = to_c(as_bytes(body));
  }
};

}  // namespace freshet::sim
