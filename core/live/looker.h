// core/live/looker.h: one who looks at the server: a WebSocket of the admin listener.
//
// Lives on the loop of its connection. Says nothing before its key was right, where one is asked
// for. What it is sent is text, within a bound of bytes a second and of what waits for it: a slow
// one is sent less, never a growing queue.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/live/limits.h"
#include "core/live/rooms/rooms_view.h"
#include "core/live/server/log_view.h"
#include "core/live/turn.h"
#include "core/rates/throttle.h"
#include "core/shards/link.h"

namespace freshet {

class Looker {
 public:
  // `link`: its connection, which outlives it. `trusted`: it needs no key.
  // `peer`: the address it comes from.
  Looker(uint64_t id, Link& link, std::string peer, bool trusted, uint64_t now_ms)
      : id_(id), link_(link), peer_(std::move(peer)), trusted_(trusted), since_ms_(now_ms) {}
  Looker(const Looker&) = delete;
  Looker& operator=(const Looker&) = delete;

  uint64_t id() const { return id_; }
  const std::string& peer() const { return peer_; }
  bool trusted() const { return trusted_; }
  void trust() { trusted_ = true; }
  bool has_no_key_yet(uint64_t now_ms) const {
    return !trusted_ && now_ms - since_ms_ > kKeyWithinMs;
  }
  void close(uint16_t code, std::string_view reason) { link_.close(code, reason); }

  // Whether something would be sent.
  bool has_place(uint64_t now_ms);
  // False: it was not sent, as there was enough.
  bool offer(std::string_view text, uint64_t now_ms);

  // ---- what it looks at ----
  bool server = false;
  RoomsView rooms;
  std::optional<std::string> room = {};
  bool missed_room = false;  // a picture of that
  LogView logs;
  bool plugins = false;
  Turn plugins_turn;

 private:
  const uint64_t id_;
  Link& link_;
  const std::string peer_;
  bool trusted_;
  const uint64_t since_ms_;
  Throttle bytes_{kLookerBytesPerSecond};
};

}  // namespace freshet
