// upgrade.h: the HTTP part of a WebSocket connection.
#pragma once

#include <string>
#include <string_view>

#include "freshet/bytes.h"

namespace freshet::load {

// The request for `target`. No extension is offered: bytes on the wire are those of the messages.
std::string upgrade_request(std::string_view host, std::string_view target);

struct UpgradeAnswer {
  enum class Outcome { upgraded, incomplete, refused };
  Outcome outcome;
  size_t bytes = 0;  // of the answer, when upgraded: frames stand behind it
  std::string why;   // when refused
};
// Looks at all that has come so far.
UpgradeAnswer read_upgrade(Bytes in);

}  // namespace freshet::load
