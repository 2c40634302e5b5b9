#include "platform-ws/http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "platform-ws/limits.h"

namespace freshet::ws {

namespace {

constexpr std::array<uint8_t, 12> kV4Prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_v4(const IpAddress& address) {
  return std::equal(kV4Prefix.begin(), kV4Prefix.end(), address.bytes.begin());
}

std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '"'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

// "192.0.2.1:80", "[2001:db8::1]:80", and both without a port.
std::optional<IpAddress> parse_node(std::string_view text) {
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return {};
    return IpAddress::parse(text.substr(1, end - 1));
  }
  if (std::count(text.begin(), text.end(), ':') == 1) text = text.substr(0, text.find(':'));
  return IpAddress::parse(text);
}

// `for=` of one element of Forwarded (RFC 7239); the element itself of X-Forwarded-For.
std::string_view node_of(std::string_view element, ForwardedBy header) {
  if (header == ForwardedBy::x_forwarded_for) return trim(element);
  while (!element.empty()) {
    const size_t end = std::min(element.find(';'), element.size());
    const std::string_view pair = trim(element.substr(0, end));
    const size_t equals = pair.find('=');
    if (equals == 3 && strncasecmp(pair.data(), "for", 3) == 0) return trim(pair.substr(4));
    element.remove_prefix(std::min(end + 1, element.size()));
  }
  return {};
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN + 1> terminated{};
  if (text.size() >= terminated.size()) return {};
  std::copy(text.begin(), text.end(), terminated.begin());
  IpAddress address;
  if (inet_pton(AF_INET6, terminated.data(), address.bytes.data()) == 1) return address;
  if (inet_pton(AF_INET, terminated.data(), address.bytes.data() + kV4Prefix.size()) != 1) {
    return {};
  }
  std::copy(kV4Prefix.begin(), kV4Prefix.end(), address.bytes.begin());
  return address;
}

std::optional<IpAddress> IpAddress::of(const sockaddr_storage& address) {
  IpAddress out;
  if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    std::memcpy(out.bytes.data(), &v6.sin6_addr, 16);
    return out;
  }
  if (address.ss_family != AF_INET) return {};
  const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
  std::copy(kV4Prefix.begin(), kV4Prefix.end(), out.bytes.begin());
  std::memcpy(out.bytes.data() + kV4Prefix.size(), &v4.sin_addr, 4);
  return out;
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  const bool v4 = is_v4(*this);
  inet_ntop(v4 ? AF_INET : AF_INET6, bytes.data() + (v4 ? kV4Prefix.size() : 0), out.data(),
            out.size());
  return out.data();
}

bool IpAddress::is_loopback() const {
  if (is_v4(*this)) return bytes[12] == 127;
  return std::all_of(bytes.begin(), bytes.end() - 1, [](uint8_t b) { return b == 0; }) &&
         bytes[15] == 1;
}

bool TrustedProxies::add(std::string_view entry) {
  if (entry == "unix") return trusts_unix_ = true;
  const size_t slash = std::min(entry.find('/'), entry.size());
  const auto base = IpAddress::parse(entry.substr(0, slash));
  if (!base) return false;
  const unsigned shift = is_v4(*base) ? 96 : 0;
  unsigned bits = 128;
  if (slash < entry.size()) {
    const char* const end = entry.data() + entry.size();
    const auto [at, ec] = std::from_chars(entry.data() + slash + 1, end, bits);
    if (ec != std::errc{} || at != end || bits > 128 - shift) return false;
    bits += shift;
  }
  ranges_.push_back({*base, bits});
  return true;
}

bool TrustedProxies::trusts(const IpAddress& address) const {
  return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
    const size_t whole = range.bits / 8;
    if (!std::equal(address.bytes.begin(), address.bytes.begin() + static_cast<ptrdiff_t>(whole),
                    range.base.bytes.begin())) {
      return false;
    }
    const unsigned rest = range.bits % 8;
    if (rest == 0) return true;
    return (address.bytes[whole] ^ range.base.bytes[whole]) >> (8 - rest) == 0;
  });
}

std::string peer_text(const PeerAddress& peer) { return peer ? peer->text() : "unix"; }

PeerAddress client_of(const HttpRequest& request, const PeerAddress& peer,
                      const TrustedProxies& proxies, ForwardedBy header) {
  if (!proxies.trusts_peer(peer)) return peer;
  const std::string_view name = header == ForwardedBy::forwarded ? "forwarded" : "x-forwarded-for";
  PeerAddress client = peer;
  size_t hops = 0;
  // Several headers of the name are one list: the last line is the nearest.
  for (auto line = request.headers.rbegin(); line != request.headers.rend(); ++line) {
    if (line->name.size() != name.size() ||
        strncasecmp(line->name.data(), name.data(), name.size()) != 0) {
      continue;
    }
    std::string_view list = line->value;
    while (!list.empty() && ++hops <= kMaxForwardedHops) {
      const size_t comma = list.rfind(',');
      const size_t start = comma == std::string_view::npos ? 0 : comma + 1;
      const auto node = parse_node(node_of(list.substr(start), header));
      if (!node) return client;
      client = *node;
      if (!proxies.trusts_peer(client)) return client;
      list = list.substr(0, start == 0 ? 0 : comma);
    }
  }
  return client;
}

}  // namespace freshet::ws
