// freshet/format/address.h: where a server listens, as a manifest says it and as a platform is
// given it.
//
//   127.0.0.1:4747   [::1]:4747   localhost:4747   tls:0.0.0.0:443   unix:data/admin.sock
#pragma once

#include <arpa/inet.h>
#include <sys/un.h>

#include <charconv>
#include <cstdint>
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

namespace detail {

inline bool eat_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

inline bool is_ipv4(const std::string& host, in_addr& out) {
  return inet_pton(AF_INET, host.c_str(), &out) == 1;
}

inline bool is_ipv6(const std::string& host, in6_addr& out) {
  return inet_pton(AF_INET6, host.c_str(), &out) == 1;
}

inline Status parse_unix_path(std::string_view path, Address& out, std::string& reason) {
  constexpr size_t kMaxPath = sizeof(sockaddr_un::sun_path) - 1;
  out.kind = Address::Kind::unix_socket;
  out.path = path;
  if (path.empty()) reason = "has no path after unix:";
  if (path.size() > kMaxPath) {
    reason = "is too long for a socket's path: at most " + std::to_string(kMaxPath) + " bytes";
  }
  return reason.empty() ? Status::ok : Status::malformed;
}

inline Status parse_listen_host(std::string_view host, Address& out, std::string& reason) {
  in_addr v4{};
  in6_addr v6{};
  if (host.starts_with('[') && host.ends_with(']')) {
    out.host = host.substr(1, host.size() - 2);
    if (is_ipv6(out.host, v6)) return Status::ok;
    reason = "has no IPv6 address in its brackets";
    return Status::malformed;
  }
  out.host = host;
  if (out.host == "localhost" || is_ipv4(out.host, v4)) return Status::ok;
  reason = is_ipv6(out.host, v6) ? "needs brackets around its IPv6 address: [::1]:4747"
                                 : "has no IP address: write one like 127.0.0.1:4747, or localhost";
  return Status::malformed;
}

}  // namespace detail

inline bool Address::local() const {
  if (kind == Kind::unix_socket || host == "localhost") return true;
  in_addr v4{};
  if (detail::is_ipv4(host, v4)) return ntohl(v4.s_addr) >> 24 == 127;
  in6_addr v6{};
  return detail::is_ipv6(host, v6) && IN6_IS_ADDR_LOOPBACK(&v6);
}

// Syntax only: nothing is looked up. On failure `reason` says what is wrong.
inline Result<Address> parse_address(std::string_view text, std::string& reason) {
  Address out;
  reason.clear();
  if (detail::eat_prefix(text, "unix:")) {
    FRESHET_CHECK(detail::parse_unix_path(text, out, reason));
    return out;
  }
  if (detail::eat_prefix(text, "tls:")) out.kind = Address::Kind::tls;
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    reason = "has no port: write 127.0.0.1:4747";
    return Status::malformed;
  }
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc{} || end != port.data() + port.size()) {
    reason = "has no port between 0 and 65535";
    return Status::malformed;
  }
  FRESHET_CHECK(detail::parse_listen_host(text.substr(0, colon), out, reason));
  return out;
}

}  // namespace freshet
