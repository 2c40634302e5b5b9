#include "pluv_protocol.h"

#include <algorithm>

#include "connection.h"
#include "freshet/utf8.h"
#include "presence.h"
#include "server_message.h"

namespace freshet::pluv {
namespace {

// After this code a stock client stays away until its application connects again.
constexpr uint16_t kFinal = 3000;
// After this one it comes back, at once.
constexpr uint16_t kTryAgain = 1013;

// What is wrong with a route, empty if nothing is.
std::string_view flaw_of_route(std::string_view route) {
  if (!route.starts_with('/')) return "it must begin with '/'";
  if (route.ends_with('/')) return "it must not end with '/'";
  if (route.size() > kMaxRouteBytes) return "it is longer than 128 bytes";
  if (route.find("//") != std::string_view::npos) return "it has an empty part";
  const bool plain = std::all_of(route.begin(), route.end(), [](char c) {
    return c > ' ' && c < '\x7f' && c != '?' && c != '#' && c != '%' && c != '\\';
  });
  return plain ? "" : "it has a character that a path cannot show as it is";
}

bool good_route(Host host, const char* key) {
  const std::string_view flaw = flaw_of_route(host.text(key));
  if (flaw.empty()) return true;
  host.error(std::string(key) + " = \"" + std::string(host.text(key)) + "\": " + std::string(flaw));
  return false;
}

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

Result<std::unique_ptr<PluvProtocol>> PluvProtocol::create(Host host) {
  if (!good_route(host, "route")) return Status::malformed;
  if (!host.text("client_route").empty() && !good_route(host, "client_route")) {
    return Status::malformed;
  }
  const auto* rooms = host.service<freshet_room>(FRESHET_ROOM_ID);
  if (rooms == nullptr || !FRESHET_HAS(rooms, submit_event)) {
    host.error("this host offers no " FRESHET_ROOM_ID " that knows events");
    return Status::unsupported;
  }
  return std::unique_ptr<PluvProtocol>(new PluvProtocol(host, rooms));
}

PluvProtocol::PluvProtocol(Host host, const freshet_room* rooms)
    : rooms_(rooms),
      route_(host.text("route")),
      client_route_(host.text("client_route")),
      presence_bytes_(static_cast<size_t>(host.number("presence_bytes"))),
      idle_ms_(static_cast<uint32_t>(host.number("idle_timeout"))),
      retry_delay_ms_(static_cast<uint32_t>(host.number("retry_delay"))),
      message_bytes_(static_cast<uint64_t>(host.number("message_bytes"))) {}

Status PluvProtocol::routes(Sink out) {
  FRESHET_CHECK(out.write(route_));
  return client_route_.empty() || client_route_ == route_ ? Status::ok : out.write(client_route_);
}

freshet_traits PluvProtocol::traits() {
  freshet_traits traits{};
  traits.size = sizeof(traits);
  traits.saved = FRESHET_SAVED_NOTE;
  traits.presence_echo = 1;  // one's own $userJoined is what makes a client ask for the others
  traits.idle_ms = idle_ms_;
  traits.retry_delay_ms = retry_delay_ms_;
  traits.refuses_in_words = 1;
  traits.message_bytes = message_bytes_;
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
  return merged.size() > presence_bytes_ ? Status::too_large : out.write(merged);
}

Status PluvProtocol::refusal(const freshet_refusal& refusal, Sink out, bool& text) const {
  const Format format = format_of(view(refusal.subprotocol));
  text = format == Format::json;
  const std::string_view room = view(refusal.room);
  const Addressee nobody{format, "", valid_utf8(as_bytes(room)) ? room : "", ""};
  return out.write(error(nobody, words_for_close(refusal)));
}

}  // namespace freshet::pluv
