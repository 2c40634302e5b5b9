// benchmarks/load/wires/message_types.h: what a message of y-protocols begins with. Hocuspocus has
// the same, and more of its own.
#pragma once

#include <cstdint>

namespace freshet::load {

enum MessageType : uint8_t { kSync = 0, kAwareness = 1, kAuth = 2, kQuery = 3 };

}  // namespace freshet::load
