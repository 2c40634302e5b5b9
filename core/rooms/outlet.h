// core/rooms/outlet.h: the way from a room to one session's connection, wherever that lives.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "core/loop/body.h"
#include "core/loop/loop.h"

namespace freshet {

class Shard;

// On the connection's own shard it is called directly; from another, everything is posted there and
// credit for what the reader has taken comes back.
class Outlet {
 public:
  // The connection is on the shard of the room.
  Outlet(Loop loop, freshet_conn* conn) : loop_(loop), conn_(conn) {}
  // It is on `home`, as link number `link`; `session` names the session there.
  Outlet(Loop loop, Shard& home, uint64_t link, uint64_t session)
      : loop_(loop), home_(&home), link_(link), session_(session) {}

  void send(const Frames& frames, Bytes prefix, bool text);
  void close(uint16_t code, std::string_view reason);  // one of abi/close.h

  // Given to send() and not yet taken by the system.
  size_t queued_bytes() const { return conn_ != nullptr ? conn_->queued_bytes : posted_bytes_; }
  void credit(size_t bytes) { posted_bytes_ -= std::min(bytes, posted_bytes_); }

 private:
  Loop loop_;  // the room's
  freshet_conn* conn_ = nullptr;
  Shard* home_ = nullptr;
  uint64_t link_ = 0;
  uint64_t session_ = 0;
  size_t posted_bytes_ = 0;
};

}  // namespace freshet
