// core/audience/outlet.h: the way from a room to one session's connection, wherever that lives.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/loop/body.h"

namespace freshet {

// What ends: a session, and its connection with it only if its wire knows no other end; or the
// connection with all that is on it.
enum class Ends : uint8_t { session, connection };

// Called on the room's shard.
class Outlet {
 public:
  virtual ~Outlet() = default;

  virtual void send(const Frames& frames, Bytes prefix, bool text) = 0;
  virtual void end(Ends what, uint16_t code, std::string_view reason) = 0;  // of abi/close.h
  // What it sends waits for so long.
  virtual void pause_reading(uint32_t ms) = 0;

  // Given to send() and not yet taken by the system.
  virtual size_t queued_bytes() const = 0;
  // What the far end says was taken.
  virtual void credit(size_t bytes) = 0;
};

}  // namespace freshet
