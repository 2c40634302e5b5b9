#include "pluv_protocol.h"

#include <algorithm>

#include "connection.h"
#include "freshet/format/route.h"
#include "freshet/format/utf8.h"
#include "presence.h"
#include "server_message.h"

namespace freshet::pluv {
namespace {

// After this code a stock client stays away until its application connects again.
constexpr uint16_t kFinal = 3000;
// After this one it comes back, at once.
constexpr uint16_t kTryAgain = 1013;

std::string_view words_for_close(const freshet_refusal& refusal) {
  switch (refusal.code) {
    case FRESHET_CLOSE_UNAUTHENTICATED:
    case FRESHET_CLOSE_DENIED: return "Not authorized";
    case FRESHET_CLOSE_EXPIRED: return "The token has expired.";
    case FRESHET_CLOSE_NO_ROOM: return "This is not the name of a room.";
    default: return view(refusal.reason);
  }
}

}  // namespace

PluvProtocol::Options PluvProtocol::read_settings(Given given, Faults& faults) {
  return {
      .route = read_route(given, "route", faults),
      .client_route = read_route(given, "client_route", faults, EmptyRoute::is_none),
      .presence_bytes = static_cast<size_t>(given.number("presence_bytes")),
      .idle_ms = static_cast<uint32_t>(given.number("idle_timeout_ms")),
      .retry_delay_ms = static_cast<uint32_t>(given.number("retry_delay_ms")),
      .message_bytes = static_cast<uint64_t>(given.number("message_bytes")),
  };
}

Result<std::unique_ptr<PluvProtocol>> PluvProtocol::create(Host host, Options options) {
  const auto* rooms = host.service<freshet_room>(FRESHET_ROOM_ID);
  if (rooms == nullptr || !FRESHET_HAS(rooms, submit_event)) {
    host.error("this host offers no " FRESHET_ROOM_ID " that knows events");
    return Status::unsupported;
  }
  return std::unique_ptr<PluvProtocol>(new PluvProtocol(std::move(options), rooms));
}

Status PluvProtocol::routes(Sink out) {
  FRESHET_CHECK(out.write(options_.route));
  return options_.client_route.empty() || options_.client_route == options_.route
             ? Status::ok
             : out.write(options_.client_route);
}

freshet_traits PluvProtocol::traits() {
  freshet_traits traits{};
  traits.size = sizeof(traits);
  traits.saved = FRESHET_SAVED_NOTE;
  traits.presence_echo = 1;  // one's own $userJoined is what makes a client ask for the others
  traits.idle_ms = options_.idle_ms;
  traits.retry_delay_ms = options_.retry_delay_ms;
  traits.refuses_in_words = 1;
  traits.message_bytes = options_.message_bytes;
  return traits;
}

Result<std::unique_ptr<ProtocolConnection>> PluvProtocol::open(const freshet_open& open) {
  return Connection::open(rooms_, open);
}

Status PluvProtocol::encode(const freshet_delivery& delivery, Sink out) const {
  return write_delivery(delivery, out);
}

uint16_t PluvProtocol::close_code(uint16_t code) const {
  // It asks for a token each time it connects.
  if (code == FRESHET_CLOSE_EXPIRED) return kTryAgain;
  if (code >= FRESHET_CLOSE_MALFORMED && code < FRESHET_CLOSE_INTERNAL) return kFinal;
  return code >= FRESHET_CLOSE_INTERNAL && code <= FRESHET_CLOSE_RATE ? kTryAgain : code;
}

Status PluvProtocol::merge_presence(std::string_view shown, Bytes change, Sink out) const {
  if (change.size() > kMaxPresenceBytes) return Status::too_large;
  const std::string merged = laid_over(shown, as_text(change));
  if (merged.empty()) return Status::malformed;
  return merged.size() > options_.presence_bytes ? Status::too_large : out.write(merged);
}

Status PluvProtocol::refusal(const freshet_refusal& refusal, Sink out, bool& text) const {
  const Format format = format_of(view(refusal.subprotocol));
  text = format == Format::json;
  const std::string_view room = view(refusal.room);
  const Addressee nobody{format, "", valid_utf8(as_bytes(room)) ? room : "", ""};
  return out.write(error(nobody, words_for_close(refusal)));
}

}  // namespace freshet::pluv
