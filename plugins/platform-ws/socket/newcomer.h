// newcomer.h: a socket that was accepted and may stay.
#pragma once

#include <cstdint>

#include "platform-ws/http/address.h"
#include "platform-ws/socket/admission.h"
#include "platform-ws/socket/listener.h"
#include "platform-ws/socket/stream.h"

namespace freshet::ws {

struct Newcomer {
  OwnedFd fd;
  SslPtr ssl;  // null: plain
  Seat seat;
  PeerAddress peer;
  uint32_t role = 0;  // of the listener
};

}  // namespace freshet::ws
