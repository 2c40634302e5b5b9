#include "connection.h"

#include <algorithm>

#include "freshet/abi/crdt.h"
#include "freshet/format/utf8.h"

namespace freshet::pluv {
namespace {

// What stock clients send every 10 s, byte by byte.
constexpr std::string_view kPing = R"({"type":"$ping","data":{}})";

// True if the raw query has `pair` among its parts.
bool asks_for(std::string_view query, std::string_view pair) {
  while (!query.empty()) {
    const std::string_view part = query.substr(0, query.find('&'));
    if (part == pair) return true;
    query.remove_prefix(std::min(part.size() + 1, query.size()));
  }
  return false;
}

}  // namespace

Result<std::unique_ptr<ProtocolConnection>> Connection::open(Rooms rooms,
                                                             const freshet_open& open) {
  freshet_join join{};
  join.size = sizeof(join);
  join.room = open.room;
  join.wants = FRESHET_WANT_SAVED | FRESHET_WANT_EVENTS;
  if (!asks_for(view(open.query), "acks=1")) join.wants &= ~uint32_t{FRESHET_WANT_SAVED};
  const Format format = format_of(view(open.subprotocol));
  join.variant = static_cast<uint32_t>(format);
  join.text = format == Format::json ? 1 : 0;
  join.permission = open.permission;
  FRESHET_TRY(freshet_session * session, rooms.join(open.link, join));
  return std::unique_ptr<ProtocolConnection>(new Connection(rooms, open, session));
}

Connection::Connection(Rooms rooms, const freshet_open& open, freshet_session* session)
    : rooms_(rooms),
      link_(open.link),
      session_(session),
      id_(connection_id(rooms.client(session))),
      room_(view(open.room)),
      user_(view(open.user)),
      format_(format_of(view(open.subprotocol))),
      pong_(pong(self())),
      may_write_(open.permission == FRESHET_READ_WRITE),
      acks_(asks_for(view(open.query), "acks=1")) {}

Status Connection::say(const std::string& message) {
  return rooms_.send(link_, as_bytes(message), format_ == Format::json);
}

// Before what is queued: a client gives its answer two seconds, and megabytes may take longer.
Status Connection::answer_ping() {
  const Status status = rooms_.send_urgent(link_, as_bytes(pong_), format_ == Format::json);
  // So many pongs are on their way to it already that it cannot miss one more.
  return status == Status::limit ? Status::ok : status;
}

Status Connection::message(Bytes frame, bool text) {
  if (format_ == Format::json && as_text(frame) == kPing) return answer_ping();
  ClientMessage message;
  MsgpackText unpacked;
  const Flaw flaw = read(frame, text, unpacked, message);
  const bool is_event = !message.name.empty() && !message.name.starts_with('$');
  if (is_event) ++calls_;
  if (flaw.text.empty()) return act_on(message);
  const Answered answered{.type = message.name, .call = is_event ? calls_ : 0};
  FRESHET_CHECK(say(error(self(), flaw.text, answered)));
  return flaw.final ? Status::malformed : Status::ok;
}

Flaw Connection::read(Bytes frame, bool text, MsgpackText& unpacked, ClientMessage& out) const {
  if (format_ == Format::msgpack) return text ? kNotBinary : read_message(frame, unpacked, out);
  if (!text && !valid_utf8(frame)) return kNotText;
  return read_message(as_text(frame), out);
}

Status Connection::act_on(const ClientMessage& message) {
  switch (message.kind) {
    case ClientKind::initialize_session: return initialize(message);
    case ClientKind::get_others: return rooms_.query_presence(session_);
    case ClientKind::update_presence: return rooms_.show(session_, as_bytes(message.presence));
    case ClientKind::update_storage: return update_storage(message);
    case ClientKind::ping: return answer_ping();
    case ClientKind::event:
      return rooms_.call(session_, message.name, as_bytes(message.data), calls_);
  }
  return Status::internal;
}

Status Connection::initialize(const ClientMessage& message) {
  FRESHET_CHECK(rooms_.follow(session_, FRESHET_WANT_PRESENCE));
  const std::string_view presence = message.presence.empty() ? "{}" : message.presence;
  FRESHET_CHECK(rooms_.show(session_, as_bytes(presence)));
  return rooms_.open_document(session_, FRESHET_UPDATE_V1, message.update);
}

Status Connection::update_storage(const ClientMessage& message) {
  const uint64_t ticket = ++updates_;
  // Before its own update is taken, so that this is not among what it missed.
  if (message.initialized) FRESHET_CHECK(rooms_.follow(session_, FRESHET_WANT_UPDATES));
  // Every client uploads its state once; one that may only read did not mean to write with that.
  const bool nothing = message.update.empty() || (message.initialized && !may_write_);
  if (!nothing) {
    return rooms_.submit_update(session_, FRESHET_UPDATE_V1, message.update, ticket);
  }
  return acks_ ? say(saved(self(), ticket)) : Status::ok;
}

}  // namespace freshet::pluv
