// socket_rights.h: who may connect to a unix socket.
#pragma once

#include <cstdint>
#include <optional>

namespace freshet::ws {

// The mode of its file, and its group; none: the process's own.
struct SocketRights {
  uint32_t mode = 0600;
  std::optional<uint32_t> group;
};

}  // namespace freshet::ws
