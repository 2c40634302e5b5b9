#include "core/config/address.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace freshet {
namespace {

bool eat(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool ipv4(const std::string& host, in_addr& out) {
  return inet_pton(AF_INET, host.c_str(), &out) == 1;
}

bool ipv6(const std::string& host, in6_addr& out) {
  return inet_pton(AF_INET6, host.c_str(), &out) == 1;
}

Status parse_unix(std::string_view path, Address& out, std::string& reason) {
  constexpr size_t kMaxPath = sizeof(sockaddr_un::sun_path) - 1;
  out.kind = Address::Kind::unix_socket;
  out.path = path;
  if (path.empty()) reason = "has no path after unix:";
  if (path.size() > kMaxPath) {
    reason = "is too long for a socket's path: at most " + std::to_string(kMaxPath) + " bytes";
  }
  return reason.empty() ? Status::ok : Status::malformed;
}

Status parse_host(std::string_view host, Address& out, std::string& reason) {
  in_addr v4{};
  in6_addr v6{};
  if (host.starts_with('[') && host.ends_with(']')) {
    out.host = host.substr(1, host.size() - 2);
    if (ipv6(out.host, v6)) return Status::ok;
    reason = "has no IPv6 address in its brackets";
    return Status::malformed;
  }
  out.host = host;
  if (out.host == "localhost" || ipv4(out.host, v4)) return Status::ok;
  reason = ipv6(out.host, v6) ? "needs brackets around its IPv6 address: [::1]:4747"
                              : "has no IP address: write one like 127.0.0.1:4747, or localhost";
  return Status::malformed;
}

}  // namespace

bool Address::local() const {
  if (kind == Kind::unix_socket || host == "localhost") return true;
  in_addr v4{};
  if (ipv4(host, v4)) return ntohl(v4.s_addr) >> 24 == 127;
  in6_addr v6{};
  return ipv6(host, v6) && IN6_IS_ADDR_LOOPBACK(&v6);
}

std::string network_of(std::string_view peer) {
  constexpr size_t kNetworkBytes = 8;
  in6_addr v6{};
  std::string text(peer);
  if (!ipv6(text, v6) || IN6_IS_ADDR_V4MAPPED(&v6)) return text;
  std::fill(std::begin(v6.s6_addr) + kNetworkBytes, std::end(v6.s6_addr), uint8_t{0});
  char out[INET6_ADDRSTRLEN];
  inet_ntop(AF_INET6, &v6, out, sizeof(out));
  return std::string(out) + "/64";
}

Result<Address> parse_address(std::string_view text, std::string& reason) {
  Address out;
  reason.clear();
  if (eat(text, "unix:")) {
    FRESHET_CHECK(parse_unix(text, out, reason));
    return out;
  }
  if (eat(text, "tls:")) out.kind = Address::Kind::tls;
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
  FRESHET_CHECK(parse_host(text.substr(0, colon), out, reason));
  return out;
}

}  // namespace freshet
