#include "platform-ws/http/site.h"

#include <strings.h>

#include <algorithm>
#include <string_view>

#include "platform-ws/limits.h"

namespace freshet::ws {
namespace {

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  const size_t first = std::min(text.find_first_not_of(kSpace), text.size());
  return text.substr(first, text.find_last_not_of(kSpace) + 1 - first);
}

std::string_view last_of(std::string_view list, char mark) {
  const size_t at = list.rfind(mark);
  return trimmed(at == std::string_view::npos ? list : list.substr(at + 1));
}

// `name=value` of the nearest proxy's element of Forwarded (RFC 7239).
std::string_view forwarded(std::string_view list, std::string_view name) {
  std::string_view element = last_of(list, ',');
  while (!element.empty()) {
    const size_t end = std::min(element.find(';'), element.size());
    const std::string_view pair = trimmed(element.substr(0, end));
    element.remove_prefix(std::min(end + 1, element.size()));
    if (pair.size() <= name.size() || pair[name.size()] != '=') continue;
    if (strncasecmp(pair.data(), name.data(), name.size()) != 0) continue;
    std::string_view value = pair.substr(name.size() + 1);
    const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    return quoted ? value.substr(1, value.size() - 2) : value;
  }
  return {};
}

// A name or an address, perhaps with a port: nothing that means more where it is put.
bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= kMaxHostBytes && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(".-_:[]").find(c) != std::string_view::npos;
  });
}

}  // namespace

std::string site_of(const HttpRequest& request, const PeerAddress& peer,
                    const TrustedProxies& proxies, ForwardedBy header, Transport transport) {
  std::string_view host = trimmed(request.header("Host"));
  bool is_tls = transport == Transport::tls;
  std::string list, protocol_list;  // what the views below are of
  if (proxies.trusts_peer(peer)) {
    std::string_view told_host, told_protocol;
    if (header == ForwardedBy::forwarded) {
      list = request.list("Forwarded");
      told_host = forwarded(list, "host");
      told_protocol = forwarded(list, "proto");
    } else {
      list = request.list("X-Forwarded-Host");
      protocol_list = request.list("X-Forwarded-Proto");
      told_host = last_of(list, ',');
      told_protocol = last_of(protocol_list, ',');
    }
    if (!told_host.empty()) host = told_host;
    if (!told_protocol.empty()) {
      is_tls = told_protocol.size() == 5 && strncasecmp(told_protocol.data(), "https", 5) == 0;
    }
  }
  if (!is_host(host)) return {};
  return (is_tls ? "https://" : "http://") + std::string(host);
}

}  // namespace freshet::ws
