#include "platform-ws/wiring/settings.h"

#include <grp.h>
#include <strings.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <thread>

#include "platform-ws/limits.h"

namespace freshet::ws {

namespace {

bool equal_without_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

// "https://*.example.com" stands for every host below example.com, not for it.
bool matches(std::string_view pattern, std::string_view origin) {
  const size_t star = pattern.find("://*.");
  if (star == std::string_view::npos) return equal_without_case(pattern, origin);
  const std::string_view scheme = pattern.substr(0, star + 3), domain = pattern.substr(star + 4);
  return origin.size() > scheme.size() + domain.size() &&
         equal_without_case(origin.substr(0, scheme.size()), scheme) &&
         equal_without_case(origin.substr(origin.size() - domain.size()), domain);
}

// What browsers send: "scheme://host:port", "null" for pages that have no origin, and from files.
bool is_origin(std::string_view text) {
  if (text == "null" || text == "file://") return true;
  const size_t host = text.find("://");
  return host != std::string_view::npos && host > 0 && host + 3 < text.size() &&
         text.find_first_of("/?# ", host + 3) == std::string_view::npos;
}

// A page that this machine serves itself.
bool is_local(std::string_view origin) {
  const size_t scheme = origin.find("://");
  if (scheme == std::string_view::npos) return false;
  std::string_view host = origin.substr(scheme + 3);
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1) == "[::1]";
  host = host.substr(0, host.find(':'));
  return equal_without_case(host, "localhost") || host == "127.0.0.1";
}

// "0660". Nothing: it is none, or one by which the server itself could not connect.
std::optional<uint32_t> mode_of(const std::string& text) {
  uint32_t mode = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mode, 8);
  const bool good = error == std::errc{} && end == text.data() + text.size() && mode <= 0777 &&
                    (mode & 0600) == 0600;
  return good ? std::optional(mode) : std::nullopt;
}

// By name, or by number.
std::optional<uint32_t> group_of(const std::string& text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) return number;
  const group* found = ::getgrnam(text.c_str());
  return found == nullptr ? std::nullopt : std::optional<uint32_t>(found->gr_gid);
}

SocketRights read_rights(Given given, Faults& faults) {
  SocketRights rights;
  const std::string mode(given.text("socket_mode")), group(given.text("socket_group"));
  if (const auto read = mode_of(mode)) {
    rights.mode = *read;
  } else {
    faults.add("socket_mode", "\"" + mode + "\" is no mode like \"0660\"");
  }
  if (group.empty()) return rights;
  rights.group = group_of(group);
  if (!rights.group)
    faults.add("socket_group", "there is no group \"" + group + "\" on this machine");
  return rights;
}

}  // namespace

WsSettings WsSettings::read(Given given, Faults& faults) {
  const auto size = [&](const char* key) { return static_cast<size_t>(given.number(key)); };
  WsSettings s;
  s.shards = static_cast<uint32_t>(given.number("shards"));
  if (s.shards == 0) s.shards = std::max(1u, std::thread::hardware_concurrency());
  s.max_connections = size("max_connections");
  s.max_connections_per_address = size("max_connections_per_address");
  s.http = {size("header_bytes"), size("header_count"), size("body_bytes")};
  s.message_bytes = size("message_bytes");
  s.half_received_bytes = size("half_received_bytes");
  s.held_closes = size("held_closes");
  s.queue_bytes = size("queue_bytes");
  s.request_timeout_ms = size("request_timeout_ms");
  s.heartbeat_ms = size("heartbeat_ms");
  s.idle_timeout_ms = size("idle_timeout_ms");
  s.close_timeout_ms = size("close_timeout_ms");
  s.drain_ms = static_cast<uint32_t>(given.number("drain_ms"));
  s.origins = given.list("origins");
  s.socket_rights = read_rights(given, faults);
  s.cert = given.text("cert");
  s.key = given.text("key");
  if (given.text("forwarded_header") == "forwarded") s.forwarded_by = ForwardedBy::forwarded;
  for (const std::string& proxy : given.list("trusted_proxies")) {
    if (s.proxies.add(proxy)) continue;
    faults.add("trusted_proxies",
               "\"" + proxy + "\" is neither an address, a network nor \"unix\"");
  }
  for (const std::string& origin : s.origins) {
    if (is_origin(origin)) continue;
    faults.add("origins", "\"" + origin +
                              "\" is no origin; write \"https://example.com\", without a path, "
                              "\"file://\" or \"null\"");
  }
  if (s.idle_timeout_ms <= s.heartbeat_ms) {
    faults.add("idle_timeout_ms",
               "must be longer than heartbeat_ms: a quiet peer speaks only when pinged");
  }
  return s;
}

bool WsSettings::lists_origin(std::string_view origin) const {
  return !origin.empty() &&
         std::any_of(origins.begin(), origins.end(),
                     [&](const std::string& pattern) { return matches(pattern, origin); });
}

bool WsSettings::allows_origin(std::string_view origin) const {
  return origins.empty() || origin.empty() || is_local(origin) || lists_origin(origin);
}

uint64_t WsSettings::sweep_ms() const {
  const uint64_t shortest =
      std::min({request_timeout_ms, heartbeat_ms, idle_timeout_ms, close_timeout_ms});
  return std::clamp(shortest / 4, kMinSweepMs, kSweepMs);
}

}  // namespace freshet::ws
