// tests/sim/platform/peer.h: who is outside, as the simulated platform knows them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freshet/platform.h"

namespace freshet::sim {

// The far end of a connection. Outlives it, or lets go of it (SimPlatform::hang_up, vanish).
class Peer {
 public:
  virtual ~Peer() = default;
  virtual void on_connected(std::string_view subprotocol) = 0;
  virtual void on_message(Bytes message, bool text) = 0;
  // `code` 1006: it broke. `status` is not 0 if the handshake was answered with an HTTP status.
  virtual void on_closed(uint16_t code, std::string_view reason, uint16_t status) = 0;
};

enum class Movable { no, yes };

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  freshet_listener_role role = FRESHET_PUBLIC;
  std::string method = "GET";
  std::string target;
  Headers headers = {};
  std::string body = "";
  std::string peer = "127.0.0.1";
  std::string site = "";
};

struct HttpAnswer {
  uint16_t status = 0;  // 0: the server went away
  Headers headers;
  std::string body;
};

}  // namespace freshet::sim
