// tests/sim/platform/sim_connection.h: a simulated connection.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "sim/platform/peer.h"

namespace freshet::sim {

using SocketId = uint64_t;

// The core sees the freshet_conn at its beginning.
struct SimConnection : freshet_conn {
  enum class State { connecting, accepted, open, closing, closed };

  struct Outgoing {
    std::vector<uint8_t> prefix;
    freshet_body* body;
    bool text;
    bool urgent = false;
    size_t size() const { return prefix.size() + body->size; }
    std::vector<uint8_t> whole() const {
      std::vector<uint8_t> out = prefix;
      out.insert(out.end(), body->data, body->data + body->size);
      return out;
    }
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
  uint64_t paused_until_us = 0;              // it is not read before
  std::deque<std::function<void()>> unread;  // what has come meanwhile, in order
  uint16_t close_code = 0;
  std::string close_reason;
};

}  // namespace freshet::sim
