#include "yjs_protocol.h"

#include <algorithm>
#include <vector>

#include "freshet/format/awareness.h"
#include "freshet/format/route.h"
#include "limits.h"
#include "wire.h"

namespace freshet::yjs {
namespace {

// One client in one room. The core has ended the session by the time this is destroyed.
class YjsConnection final : public ProtocolConnection {
 public:
  YjsConnection(Rooms rooms, freshet_session* session, bool may_write, size_t presence_entries)
      : rooms_(rooms),
        session_(session),
        may_write_(may_write),
        presence_entries_(presence_entries) {}

  Status message(Bytes frame, bool text) override {
    if (text) return Status::malformed;
    FRESHET_TRY(const Message message, read_message(frame));
    switch (message.kind) {
      case MessageKind::step1:
        return rooms_.request_diff(session_, FRESHET_UPDATE_V1, message.payload);
      case MessageKind::step2:
        if (!may_write_ && has_no_content(message.payload)) return Status::ok;
        [[fallthrough]];
      // Whether it answers our step1 or is news makes no difference to a room.
      case MessageKind::update:
        return or_dropped(rooms_.submit_update(session_, FRESHET_UPDATE_V1, message.payload));
      case MessageKind::awareness: return submit_awareness(message.payload);
      case MessageKind::auth: return Status::ok;
      case MessageKind::query_awareness: return rooms_.query_presence(session_);
    }
    return Status::malformed;
  }

 private:
  // Every stock client answers our step1 with a step2, the one that may only read included. If it
  // has nothing that we lack, that is no attempt to write (deletions, which always come, aside).
  static bool has_no_content(Bytes update) { return update.empty() || update.front() == 0; }

  // What a reader writes all the same is dropped, it is told so, and it stays.
  static Status or_dropped(Status status) { return status == Status::denied ? Status::ok : status; }

  Status submit_awareness(Bytes update) {
    const Status read = read_awareness(update, presence_entries_, entries_);
    const Status status = read != Status::ok || entries_.empty()
                              ? read
                              : or_dropped(rooms_.submit_presence(session_, entries_));
    entries_.clear();
    if (entries_.capacity() > kKeptEntries) entries_.shrink_to_fit();
    return status;
  }

  Rooms rooms_;
  freshet_session* session_;
  const bool may_write_;
  size_t presence_entries_;
  std::vector<freshet_presence> entries_;  // empty between messages; kept for its memory
};

constexpr std::string_view kExample = R"(import * as Y from 'yjs'
import { WebsocketProvider } from 'y-websocket'

const doc = new Y.Doc()
const provider = new WebsocketProvider('ws://this-hostROUTE', 'my-room', doc)
doc.getText('text').observe(() => console.log(doc.getText('text').toString()))
doc.getText('text').insert(0, 'Hello')
)";

}  // namespace

YjsProtocol::Options YjsProtocol::read_settings(Given given, Faults& faults) {
  return {
      .route = read_route(given, "route", faults),
      .keepalive_ms = static_cast<uint32_t>(given.number("keepalive_ms")),
      .presence_ttl_ms = static_cast<uint32_t>(given.number("presence_ttl_ms")),
      .presence_entries = static_cast<size_t>(given.number("presence_entries")),
      .retry_delay_ms = static_cast<uint32_t>(given.number("retry_delay_ms")),
  };
}

Result<std::unique_ptr<YjsProtocol>> YjsProtocol::create(Host host, Options options) {
  const auto* rooms = host.service<freshet_room>(FRESHET_ROOM_ID);
  if (rooms == nullptr) {
    host.error("this host offers no " FRESHET_ROOM_ID);
    return Status::unsupported;
  }
  return std::unique_ptr<YjsProtocol>(new YjsProtocol(std::move(options), rooms));
}

Status YjsProtocol::routes(Sink out) { return out.write(options_.route); }

freshet_traits YjsProtocol::traits() {
  freshet_traits traits{};
  traits.size = sizeof(traits);
  // Provider 4.0 counts an edit as confirmed when its ids come back to it.
  traits.saved = FRESHET_SAVED_ECHO;
  traits.keepalive_ms = options_.keepalive_ms;
  traits.presence_ttl_ms = options_.presence_ttl_ms;
  // The echo of its own awareness every 15 s is what keeps a stock client connected.
  traits.presence_echo = 1;
  traits.retry_delay_ms = options_.retry_delay_ms;
  traits.retries_final = 1;
  return traits;
}

Result<std::unique_ptr<ProtocolConnection>> YjsProtocol::open(const freshet_open& open) {
  const freshet_join join{
      .size = sizeof(freshet_join),
      .room = open.room,
      .prefix = {nullptr, 0},
      .variant = 0,
      .wants = FRESHET_WANT_UPDATES | FRESHET_WANT_PRESENCE | FRESHET_WANT_SAVED,
      .text = 0,
      .permission = open.permission,
      .identity = nullptr,
  };
  auto session = rooms_.join(open.link, join);
  // The peer's bytes were fine; what its URL names is no room.
  if (session.status() == Status::malformed) return Status::not_found;
  if (!session) return session.status();
  return std::unique_ptr<ProtocolConnection>(new YjsConnection(
      rooms_, *session, open.permission == FRESHET_READ_WRITE, options_.presence_entries));
}

// Providers do not ask for another token by themselves: the page must, and has a reason to read.
uint16_t YjsProtocol::close_code(uint16_t code) const {
  if (code == FRESHET_CLOSE_EXPIRED) return FRESHET_CLOSE_UNAUTHENTICATED;
  return code;
}

Status YjsProtocol::example(std::string_view route, Sink out) const {
  constexpr std::string_view kPlace = "ROUTE";
  std::string text(kExample);
  return out.write(text.replace(text.find(kPlace), kPlace.size(), route));
}

Status YjsProtocol::encode(const freshet_delivery& delivery, Sink out) const {
  const Bytes bytes = view(delivery.bytes);
  switch (delivery.kind) {
    // Unasked: a client sends what it did while it was away only when it is asked.
    case FRESHET_JOINED: return write_step1(bytes, out);
    case FRESHET_DIFF:
      if (delivery.format != FRESHET_UPDATE_V1) return Status::unsupported;
      return write_step2(bytes, out);
    case FRESHET_UPDATE:
      if (delivery.format != FRESHET_UPDATE_V1) return Status::unsupported;
      return write_update(bytes, out);
    case FRESHET_PRESENCE:
      if (delivery.presence_count == 0) return Status::not_found;
      return write_awareness({delivery.presence, delivery.presence_count}, out);
    // Awareness of nobody: a client counts it as a sign of life and does nothing.
    case FRESHET_KEEPALIVE: return write_awareness({}, out);
    case FRESHET_REFUSED: return write_refusal(refusal_words(delivery), out);
    // SAVED: there are no words for it on this wire.
    default: return Status::not_found;
  }
}

}  // namespace freshet::yjs
