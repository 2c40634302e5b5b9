// yjs_protocol.h: the y-websocket wire as a freshet::Protocol; see wire.h for its bytes.
#pragma once

#include <string>

#include "freshet/plugin.h"
#include "plugin_version.h"

namespace freshet::yjs {

// Immutable after create(), so that any shard may use it. Each connection keeps its own state, on
// its own shard, and is in one room: the one its URL names.
class YjsProtocol final : public Protocol {
 public:
  static constexpr freshet_setting kSettings[] = {
      setting::text("route", "/yjs", "Where rooms are found: ws://host<route>/<room>."),
      // Clients up to 3.1 give up a server that was silent for 30 s, and pings do not count.
      setting::integer("keepalive_ms", "20 s", 1000, 3'600'000, "ms",
                       "A client that heard nothing for so long is sent an empty message."),
      setting::integer("presence_ttl_ms", "30 s", 1000, 3'600'000, "ms",
                       "Awareness that was not renewed for so long is removed."),
      // A client passes on what it heard of everybody in the room, so this is about room size.
      setting::integer("presence_entries", "65536", 1, 1 << 20, nullptr,
                       "Entries that one awareness message may have."),
      // Providers of 2.x come back after any code, a tenth of a second after a handshake that went
      // well; whoever they are, nothing in what they send tells.
      setting::integer("retry_delay_ms", "5 s", 0, 60'000, "ms",
                       "Clients come back at once when a connection ends, so one that must end "
                       "early ends only when it is about so old."),
  };
  static constexpr About kAbout{
      .id = "protocol-yjs",
      .version = kPluginVersion,
      .summary = "The y-websocket protocol: unmodified Yjs clients, at ws://host/yjs/<room>.",
      .settings = kSettings,
  };

  struct Options {
    std::string route;
    uint32_t keepalive_ms, presence_ttl_ms;
    size_t presence_entries;
    uint32_t retry_delay_ms;
  };
  static Options read_settings(Given given, Faults& faults);
  // Fails, having logged why, if the host has no rooms.
  static Result<std::unique_ptr<YjsProtocol>> create(Host host, Options options);

  Status routes(Sink out) override;
  freshet_traits traits() override;
  Result<std::unique_ptr<ProtocolConnection>> open(const freshet_open& open) override;
  Status encode(const freshet_delivery& delivery, Sink out) const override;
  uint16_t close_code(uint16_t code) const override;
  Status example(std::string_view route, Sink out) const override;

 private:
  YjsProtocol(Options options, const freshet_room* rooms)
      : options_(std::move(options)), rooms_(rooms) {}

  const Options options_;
  Rooms rooms_;
};

}  // namespace freshet::yjs
