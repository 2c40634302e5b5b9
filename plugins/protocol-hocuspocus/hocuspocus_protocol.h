// hocuspocus_protocol.h: the Hocuspocus wire as a freshet::Protocol; see wire.h for its bytes.
#pragma once

#include <string>

#include "connection.h"
#include "freshet/plugin.h"
#include "plugin_version.h"

namespace freshet::hocuspocus {

// Immutable after create(), so that any shard may use it. Each connection keeps its own state, on
// its own shard.
class HocuspocusProtocol final : public Protocol {
 public:
  static constexpr freshet_setting kSettings[] = {
      setting::text("route", "/hocuspocus",
                    "Where sockets are opened: ws://host<route>. Documents are named in them."),
      // Providers give up a server that was silent for 30 s, and pings do not count.
      setting::integer("keepalive_ms", "20 s", 1000, 3'600'000, "ms",
                       "A client that heard nothing of a document for so long is sent an empty "
                       "message."),
      setting::integer("presence_ttl_ms", "30 s", 1000, 3'600'000, "ms",
                       "Awareness that was not renewed for so long is removed."),
      setting::integer("presence_entries", "65536", 1, 1 << 20, nullptr,
                       "Entries that one awareness message may have."),
      setting::integer("retry_delay_ms", "5 s", 0, 60'000, "ms",
                       "Clients come back at once when a socket ends, so one that must end early "
                       "ends only when it is about so old."),
      setting::integer("auth_timeout_ms", "60 s", 1000, 3'600'000, "ms",
                       "A socket on which no document was open for so long is closed, whatever "
                       "comes on it."),
      setting::integer("renew_ms", "60 s", 0, 3'600'000, "ms",
                       "So long before a token expires its client is asked for another, but not "
                       "before half of its time is over; 0: never, and the document is closed."),
      setting::integer("documents", "100", 1, 10'000, nullptr,
                       "Documents of one socket; limits.sessions_per_connection holds besides."),
      setting::integer("waiting_bytes", "5 MiB", 1024, int64_t{1} << 30, "bytes",
                       "What one socket may have sent for documents whose token is not judged "
                       "yet."),
      setting::integer("waiting_messages", "1000", 1, 1'000'000, nullptr, "The same, in messages."),
  };
  static constexpr About kAbout{
      .id = "protocol-hocuspocus",
      .version = kPluginVersion,
      .summary =
          "The Hocuspocus protocol: unmodified @hocuspocus/provider, at ws://host/hocuspocus.",
      .settings = kSettings,
  };

  struct Options {
    std::string route;
    uint32_t keepalive_ms, presence_ttl_ms, retry_delay_ms, auth_timeout_ms, renew_ms;
    Connection::Bounds bounds;
  };
  static Options read_settings(Given given, Faults& faults);
  // Fails, having logged why, if the host has no rooms that know tokens.
  static Result<std::unique_ptr<HocuspocusProtocol>> create(Host host, Options options);

  Status routes(Sink out) override;
  freshet_traits traits() override;
  Result<std::unique_ptr<ProtocolConnection>> open(const freshet_open& open) override;
  Status encode(const freshet_delivery& delivery, Sink out) const override;
  uint16_t close_code(uint16_t code) const override;
  Status example(std::string_view route, Sink out) const override;

 private:
  HocuspocusProtocol(Options options, Rooms rooms) : options_(std::move(options)), rooms_(rooms) {}

  const Options options_;
  const Rooms rooms_;
};

}  // namespace freshet::hocuspocus
