// settings.h: what an operator may choose.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "freshet/plugin.h"
#include "platform-ws/http/address.h"
#include "platform-ws/http/http_message.h"
#include "platform-ws/socket/socket_rights.h"

namespace freshet::ws {

inline constexpr freshet_setting kSettings[] = {
    setting::integer("shards", "0", 0, 256, nullptr,
                     "Event loops, each a thread; 0: one for each processor."),
    setting::integer("max_connections", "100000", 1, 10'000'000, nullptr,
                     "Sockets open at once; more are answered 503."),
    setting::integer("max_connections_per_address", "1024", 0, 10'000'000, nullptr,
                     "The same for one client address, loopback and unix sockets excepted; "
                     "0: no limit."),
    setting::integer("header_bytes", "16 KiB", 256, 1 << 20, "bytes",
                     "Request line and headers together; more is answered 431."),
    setting::integer("header_count", "100", 1, 10'000, nullptr,
                     "Headers of a request; more are answered 431."),
    setting::integer("body_bytes", "16 MiB", 0, int64_t{1} << 32, "bytes",
                     "Body of a plain HTTP request; more is answered 413."),
    setting::integer("request_timeout_ms", "10 s", 10, 3'600'000, "ms",
                     "For a whole request, from its first byte or the connection's begin; "
                     "also how long an idle HTTP connection is kept, and how long one may take to "
                     "read an answer."),
    setting::integer("message_bytes", "16 MiB", 1, int64_t{1} << 32, "bytes",
                     "One WebSocket message, where the protocol has no bound of its own; a larger "
                     "one closes its connection with 4413."),
    setting::integer("half_received_bytes", "256 MiB", 1 << 20, int64_t{1} << 40, "bytes",
                     "Messages of which a part has come, over all connections, those under 16 KiB "
                     "not counted, and bodies of requests; one that needs more closes its "
                     "connection with 4503, or is answered 503."),
    setting::integer(
        "queue_bytes", "64 MiB", 1, int64_t{1} << 40, "bytes",
        "Memory of what waits for one reader. A message for one that has more than this waiting "
        "closes it with 4504."),
    setting::integer("heartbeat_ms", "25 s", 10, 3'600'000, "ms",
                     "A WebSocket ping is sent to a peer that was silent for this long."),
    setting::integer(
        "idle_timeout_ms", "60 s", 10, 86'400'000, "ms",
        "A WebSocket peer of which nothing was heard for this long, pongs included, is "
        "closed with 4504, where the protocol has no idle time of its own."),
    setting::integer("close_timeout_ms", "5 s", 10, 600'000, "ms",
                     "For a closed connection's last bytes to leave, and its peer to answer."),
    setting::integer("held_closes", "1000", 0, 1'000'000, nullptr,
                     "Connections whose close is held back at once; past that those that wait "
                     "longest are told. 0: none is held."),
    setting::integer("drain_ms", "20 s", 10, 3'600'000, "ms",
                     "From SIGTERM to the end, at most. A second signal ends at once."),
    setting::list(
        "origins",
        "Origins whose pages may open WebSocket connections: \"https://example.com\", "
        "\"https://*.example.com\", \"null\", \"file://\"; pages of this machine always may. "
        "None given: all may that the server's own rules let in. Clients that send no "
        "Origin are no browsers and always may."),
    setting::list("trusted_proxies",
                  "Addresses and networks (\"10.0.0.0/8\", \"unix\") whose word on the client's "
                  "address is taken."),
    setting::choice("forwarded_header", "x-forwarded-for", "x-forwarded-for|forwarded",
                    "The header in which trusted proxies say it; the other one is ignored."),
    setting::text(
        "socket_mode", "0600",
        "Who may connect to a unix: listener of clients, as chmod has it: \"0660\" for its group."),
    setting::text("socket_group", "",
                  "The group of such a socket, as that of a proxy; left out: the server's own."),
    setting::text("cert", nullptr, "PEM file with the certificate chain, for tls: listeners."),
    setting::text("key", nullptr, "PEM file with its private key. SIGHUP reads both again."),
};

struct WsSettings {
  uint32_t shards = 1;
  size_t max_connections = 0, max_connections_per_address = 0;
  HttpLimits http{};
  size_t message_bytes = 0, half_received_bytes = 0, queue_bytes = 0, held_closes = 0;
  uint64_t request_timeout_ms = 0, heartbeat_ms = 0, idle_timeout_ms = 0, close_timeout_ms = 0;
  uint32_t drain_ms = 0;
  std::vector<std::string> origins;
  TrustedProxies proxies;
  ForwardedBy forwarded_by = ForwardedBy::x_forwarded_for;
  SocketRights socket_rights;  // of clients
  std::string cert, key;

  // Values that make no sense are faults.
  static WsSettings read(Given given, Faults& faults);

  // `origin` is empty if none was sent.
  bool lists_origin(std::string_view origin) const;
  bool allows_origin(std::string_view origin) const;
  // How often time-outs must be looked at.
  uint64_t sweep_ms() const;
};

}  // namespace freshet::ws
