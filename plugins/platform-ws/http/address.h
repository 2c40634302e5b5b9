// address.h: who a peer is, also behind proxies.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform-ws/http/http_message.h"

namespace freshet::ws {

// What an IPv4 or IPv6 address is worth; IPv4 as ::ffff:a.b.c.d, so that one kind compares.
struct IpAddress {
  std::array<uint8_t, 16> bytes{};

  // "192.0.2.1", "2001:db8::1"; no port, no brackets, no zone.
  static std::optional<IpAddress> parse(std::string_view text);
  static std::optional<IpAddress> of(const sockaddr_storage& address);
  std::string text() const;
  bool is_loopback() const;
  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

// "10.0.0.0/8", "::1", or "unix" for whoever comes by a unix socket.
class TrustedProxies {
 public:
  // False, and nothing is added: it is none of these.
  bool add(std::string_view entry);
  bool trusts(const IpAddress& address) const;
  bool trusts_peer(const std::optional<IpAddress>& peer) const {
    return peer ? trusts(*peer) : trusts_unix_;
  }

 private:
  struct Range {
    IpAddress base;
    unsigned bits;
  };
  std::vector<Range> ranges_;
  bool trusts_unix_ = false;
};

// A peer of a listener. No address: it came by a unix socket.
using PeerAddress = std::optional<IpAddress>;

// "127.0.0.1", "unix".
std::string peer_text(const PeerAddress& peer);

// Which header proxies are told to write; the other one is the client's own word.
enum class ForwardedBy { x_forwarded_for, forwarded };

// The client behind `peer`: the rightmost address in the header that no trusted proxy has. `peer`
// itself if that is not trusted, or the header says nothing usable.
PeerAddress client_of(const HttpRequest& request, const PeerAddress& peer,
                      const TrustedProxies& proxies, ForwardedBy header);

}  // namespace freshet::ws
