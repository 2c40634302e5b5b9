// pluv_protocol.h: the pluv wire as a freshet::Protocol; client_message.h and server_message.h have
// its messages, which are JSON, or msgpack for who asks for it by subprotocol.
#pragma once

#include <string>

#include "freshet/plugin.h"
#include "limits.h"
#include "plugin_version.h"

namespace freshet::pluv {

// Immutable after create(), so that any shard may use it. Each connection keeps its own state, on
// its own shard, and is in one room: the one its URL names.
class PluvProtocol final : public Protocol {
 public:
  static constexpr freshet_setting kSettings[] = {
      setting::text("route", "/pluv", "Where rooms are found: ws://host<route>/<room>."),
      setting::text("client_route", "/api/pluv/room",
                    "The same, where @pluv/client looks unless it is told otherwise; empty: "
                    "nowhere."),
      // Clients check the same bound on their side.
      setting::integer("presence_bytes", "512", 2, kMaxPresenceBytes, "bytes",
                       "What one person may show, as JSON."),
      // They ping every 10 s, but the timers of a page in the background run once a minute.
      setting::integer("idle_timeout_ms", "90 s", 1000, 3'600'000, "ms",
                       "A client that sent nothing for so long, no $ping either, is closed."),
      setting::integer("retry_delay_ms", "5 s", 0, 60'000, "ms",
                       "Clients come back at once when a connection ends, so one that must end "
                       "for the server's sake ends only when it is about so old."),
      // What pluv's own limit comes to, 31,457,280 characters of base64, and what is around it.
      setting::integer("message_bytes", "32 MiB", 64 << 10, int64_t{1} << 32, "bytes",
                       "One message. A client uploads its whole document as one, in base64: rooms "
                       "that are larger than three quarters of this open for nobody."),
  };
  static constexpr About kAbout{
      .id = "protocol-pluv",
      .version = kPluginVersion,
      .summary = "The pluv protocol: unmodified @pluv/client, at ws://host/pluv/<room>.",
      .settings = kSettings,
  };

  struct Options {
    std::string route, client_route;  // the second: empty if there is none
    size_t presence_bytes;
    uint32_t idle_ms, retry_delay_ms;
    uint64_t message_bytes;
  };
  static Options read_settings(Given given, Faults& faults);
  // Fails, having logged why, if the host has no rooms.
  static Result<std::unique_ptr<PluvProtocol>> create(Host host, Options options);

  Status routes(Sink out) override;
  freshet_traits traits() override;
  Result<std::unique_ptr<ProtocolConnection>> open(const freshet_open& open) override;
  Status encode(const freshet_delivery& delivery, Sink out) const override;
  uint16_t close_code(uint16_t code) const override;
  Status merge_presence(std::string_view shown, Bytes change, Sink out) const override;
  Status refusal(const freshet_refusal& refusal, Sink out, bool& text) const override;

 private:
  PluvProtocol(Options options, const freshet_room* rooms)
      : options_(std::move(options)), rooms_(rooms) {}

  const Options options_;
  Rooms rooms_;
};

}  // namespace freshet::pluv
