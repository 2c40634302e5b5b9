// my-protocol: a wire of one's own, at ws://host/my-protocol/<room>. A message is binary, and its
// first byte says what it is, both ways:
//
//   'u' an update in Yjs' v1 format     the first that the server sends is the whole document
//   'e' an event: its name, a line end, its JSON
//   's' "saved": all the updates that this client sent so far, as many as the decimal number says
//   'x' why something was not taken, in words
//
// Its JavaScript client is in docs/plugins/protocol.md: twenty lines.
#include <freshet/format/route.h>
#include <freshet/plugin.h>

#include <string>

namespace {

using freshet::Bytes, freshet::Sink, freshet::Status, freshet::view;

// One client in one room; lives on one shard, as all its calls do.
class MyConnection final : public freshet::ProtocolConnection {
 public:
  MyConnection(freshet::Rooms rooms, freshet_session* session) : rooms_(rooms), session_(session) {}

  // What is not ok ends the connection. A room says later, and by a ticket, what became of it.
  Status message(Bytes message, bool text) override {
    if (text || message.empty()) return Status::malformed;
    const Bytes body = message.subspan(1);
    if (message.front() == 'u') {
      return or_told(rooms_.submit_update(session_, FRESHET_UPDATE_V1, body, ++ticket_));
    }
    if (message.front() == 'e') {
      const std::string_view event = freshet::as_text(body);
      const size_t end = event.find('\n');
      if (end == event.npos) return Status::malformed;
      return or_told(rooms_.call(session_, event.substr(0, end),
                                 freshet::as_bytes(event.substr(end + 1)), ++ticket_));
    }
    return Status::malformed;
  }

 private:
  // Who may only read, or writes too much, hears of it in a REFUSED delivery, and stays.
  static Status or_told(Status status) { return status == Status::denied ? Status::ok : status; }

  freshet::Rooms rooms_;
  freshet_session* session_;
  uint64_t ticket_ = 0;
};

// Called from any shard at any time: nothing here changes after create().
class MyProtocol final : public freshet::Protocol {
 public:
  static constexpr freshet_setting kSettings[] = {freshet::setting::text(
      "route", "/my-protocol", "Where rooms are found: ws://host<route>/<room>.")};
  static constexpr freshet::About kAbout{.id = "my-protocol",
                                         .version = "0.1.0",
                                         .summary = "Updates and events, a byte before each.",
                                         .settings = kSettings};

  static std::string read_settings(freshet::Given given, freshet::Faults& faults) {
    return freshet::read_route(given, "route", faults);
  }
  static freshet::Result<std::unique_ptr<MyProtocol>> create(freshet::Host host,
                                                             std::string route) {
    const auto* rooms = host.service<freshet_room>(FRESHET_ROOM_ID);
    if (rooms == nullptr) {
      host.error("this host offers no " FRESHET_ROOM_ID);
      return Status::unsupported;
    }
    return std::make_unique<MyProtocol>(rooms, std::move(route));
  }
  MyProtocol(const freshet_room* rooms, std::string route)
      : rooms_(rooms), route_(std::move(route)) {}

  Status routes(Sink out) override { return out.write(route_); }

  freshet_traits traits() override {
    freshet_traits traits{};
    traits.size = sizeof(traits);
    traits.saved = FRESHET_SAVED_NOTE;
    traits.retry_delay_ms = 1000;
    return traits;
  }

  freshet::Result<std::unique_ptr<freshet::ProtocolConnection>> open(
      const freshet_open& open) override {
    freshet_join join{};
    join.room = open.room;
    join.wants = FRESHET_WANT_UPDATES | FRESHET_WANT_EVENTS | FRESHET_WANT_SAVED;
    join.permission = open.permission;
    FRESHET_TRY(freshet_session* const session, rooms_.join(open.link, join));
    // The whole document, once it is loaded: a DIFF for a state vector that knows nothing.
    FRESHET_CHECK(rooms_.request_diff(session, FRESHET_UPDATE_V1, {}));
    return std::unique_ptr<freshet::ProtocolConnection>(
        std::make_unique<MyConnection>(rooms_, session));
  }

  // A room encodes once for all its clients: nothing but the delivery is looked at.
  Status encode(const freshet_delivery& delivery, Sink out) const override {
    switch (delivery.kind) {
      case FRESHET_DIFF:
      case FRESHET_UPDATE: return write('u', view(delivery.bytes), out);
      case FRESHET_EVENT:
        return write('e',
                     std::string(view(delivery.event)) + "\n" +
                         std::string(freshet::as_text(view(delivery.bytes))),
                     out);
      case FRESHET_SAVED: return write('s', std::to_string(delivery.ticket), out);
      case FRESHET_REFUSED: return write('x', freshet::refusal_words(delivery), out);
      default: return Status::not_found;  // this wire has no word for it
    }
  }

 private:
  // In place: the bytes are copied once.
  static Status write(char kind, Bytes body, Sink out) {
    uint8_t* const at = out.reserve(body.size() + 1);
    if (at == nullptr) return Status::too_large;
    *at = static_cast<uint8_t>(kind);
    if (!body.empty()) std::memcpy(at + 1, body.data(), body.size());
    return out.commit(body.size() + 1);
  }
  static Status write(char kind, std::string_view body, Sink out) {
    return write(kind, freshet::as_bytes(body), out);
  }

  const freshet::Rooms rooms_;
  const std::string route_;
};

}  // namespace

FRESHET_PLUGIN(MyProtocol)
