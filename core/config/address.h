// core/config/address.h: where a server listens, as a manifest says it.
//
//   127.0.0.1:4747   [::1]:4747   localhost:4747   tls:0.0.0.0:443   unix:data/admin.sock
#pragma once

#include <string>
#include <string_view>

#include "freshet/result.h"

namespace freshet {

struct Address {
  enum class Kind { tcp, tls, unix_socket };
  Kind kind = Kind::tcp;
  std::string host;  // without brackets
  uint16_t port = 0;
  std::string path;  // unix_socket only

  // Only programs on this machine reach it.
  bool local() const;
};

// Whom to take for one when a peer's address is this one: the address itself, or the /64 of an IPv6
// address, as whoever has one of those has all. What is no address stays as it is.
std::string network_of(std::string_view peer);

// Syntax only: nothing is looked up. On failure `reason` says what is wrong.
Result<Address> parse_address(std::string_view text, std::string& reason);

}  // namespace freshet
