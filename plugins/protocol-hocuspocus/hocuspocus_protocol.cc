#include "hocuspocus_protocol.h"

#include "freshet/format/route.h"
#include "stateless.h"
#include "wire.h"

namespace freshet::hocuspocus {
namespace {

// Of a Hocuspocus server. Providers of 2 stay away after the first two, and all others come back
// after any code.
constexpr uint16_t kTooLarge = 1009, kUnauthorized = 4401, kForbidden = 4403, kTimeout = 4408,
                   kReset = 4205;

constexpr std::string_view kExample = R"(import * as Y from 'yjs'
import { HocuspocusProvider } from '@hocuspocus/provider'

const document = new Y.Doc()
const provider = new HocuspocusProvider({
  url: 'ws://this-hostROUTE', name: 'my-document', document, token: 'none'
})
document.getText('text').observe(() => console.log(document.getText('text').toString()))
document.getText('text').insert(0, 'Hello')
provider.on('unsyncedChanges', () => console.log('all saved:', !provider.hasUnsyncedChanges))
)";

// A server asks first, so that a client has said what it did while it was away when it hears that
// it has all.
Status write_diff(const freshet_delivery& delivery, Sink out) {
  constexpr uint8_t kNothing[] = {0};
  const Bytes here = view(delivery.state_vector);
  FRESHET_CHECK(write_step1(here.empty() ? Bytes(kNothing) : here, out));
  return write_step2(view(delivery.bytes), out);
}

Status write_refused(const freshet_delivery& delivery, Sink out) {
  if (delivery.ticket == kCountsNot) return Status::not_found;
  switch (delivery.refused) {
    case FRESHET_REFUSED_UPDATE: return write_sync_status(Saved::no, out);
    case FRESHET_REFUSED_EVENT:
      return write_stateless(error_text(view(delivery.event), refusal_words(delivery)), out);
    default: return Status::not_found;
  }
}

}  // namespace

HocuspocusProtocol::Options HocuspocusProtocol::read_settings(Given given, Faults& faults) {
  const auto time = [&](const char* key) { return static_cast<uint32_t>(given.number(key)); };
  const auto count = [&](const char* key) { return static_cast<size_t>(given.number(key)); };
  return {.route = read_route(given, "route", faults),
          .keepalive_ms = time("keepalive_ms"),
          .presence_ttl_ms = time("presence_ttl_ms"),
          .retry_delay_ms = time("retry_delay_ms"),
          .auth_timeout_ms = time("auth_timeout_ms"),
          .renew_ms = time("renew_ms"),
          .bounds = {.documents = count("documents"),
                     .waiting_bytes = count("waiting_bytes"),
                     .waiting_messages = count("waiting_messages"),
                     .presence_entries = count("presence_entries")}};
}

Result<std::unique_ptr<HocuspocusProtocol>> HocuspocusProtocol::create(Host host, Options options) {
  const auto* rooms = host.service<freshet_room>(FRESHET_ROOM_ID);
  if (rooms == nullptr || !Rooms(rooms).knows_identities()) {
    host.error("this host offers no " FRESHET_ROOM_ID " that knows tokens");
    return Status::unsupported;
  }
  return std::unique_ptr<HocuspocusProtocol>(
      new HocuspocusProtocol(std::move(options), Rooms(rooms)));
}

Status HocuspocusProtocol::routes(Sink out) { return out.write(options_.route); }

freshet_traits HocuspocusProtocol::traits() {
  freshet_traits traits{};
  traits.size = sizeof(traits);
  traits.saved = FRESHET_SAVED_NOTE;
  traits.keepalive_ms = options_.keepalive_ms;
  traits.presence_ttl_ms = options_.presence_ttl_ms;
  // The echo of its own awareness every 15 s is what keeps a provider connected.
  traits.presence_echo = 1;
  traits.retry_delay_ms = options_.retry_delay_ms;
  traits.retries_final = 1;
  traits.authenticates = 1;
  traits.ends_sessions = 1;
  traits.join_within_ms = options_.auth_timeout_ms;
  traits.renew_ms = options_.renew_ms;
  return traits;
}

Result<std::unique_ptr<ProtocolConnection>> HocuspocusProtocol::open(const freshet_open& open) {
  return std::unique_ptr<ProtocolConnection>(new Connection(rooms_, open, options_.bounds));
}

uint16_t HocuspocusProtocol::close_code(uint16_t code) const {
  switch (code) {
    case FRESHET_CLOSE_MALFORMED:
    case FRESHET_CLOSE_UNAUTHENTICATED: return kUnauthorized;
    case FRESHET_CLOSE_DENIED:
    case FRESHET_CLOSE_NO_ROOM: return kForbidden;
    case FRESHET_CLOSE_TOO_LARGE: return kTooLarge;
    case FRESHET_CLOSE_TIMEOUT: return kTimeout;
    default: return code >= FRESHET_CLOSE_MALFORMED && code <= FRESHET_CLOSE_RATE ? kReset : code;
  }
}

Status HocuspocusProtocol::example(std::string_view route, Sink out) const {
  constexpr std::string_view kPlace = "ROUTE";
  std::string text(kExample);
  return out.write(text.replace(text.find(kPlace), kPlace.size(), route));
}

Status HocuspocusProtocol::encode(const freshet_delivery& delivery, Sink out) const {
  const Bytes bytes = view(delivery.bytes);
  switch (delivery.kind) {
    case FRESHET_JOINED: return write_authenticated(static_cast<Scope>(delivery.variant), out);
    case FRESHET_DIFF:
      if (delivery.format != FRESHET_UPDATE_V1) return Status::unsupported;
      return write_diff(delivery, out);
    case FRESHET_UPDATE:
      if (delivery.format != FRESHET_UPDATE_V1) return Status::unsupported;
      return write_update(bytes, out);
    case FRESHET_PRESENCE:
      if (delivery.presence_count == 0) return Status::not_found;
      return write_awareness({delivery.presence, delivery.presence_count}, out);
    // Awareness of nobody: a client counts it as a sign of life and does nothing.
    case FRESHET_KEEPALIVE: return write_awareness({}, out);
    case FRESHET_SAVED:
      if (delivery.ticket == kCountsNot) return Status::not_found;
      return write_sync_status(Saved::yes, out);
    case FRESHET_REFUSED: return write_refused(delivery, out);
    case FRESHET_EVENT: return write_stateless(text_of(view(delivery.event), as_text(bytes)), out);
    default: return Status::not_found;
  }
}

}  // namespace freshet::hocuspocus
