#include "server_message.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <utility>

#include "freshet/abi/crdt.h"
#include "freshet/protocol.h"
#include "message_text.h"
#include "presence.h"

namespace freshet::pluv {
namespace {

constexpr std::string_view kEmptyUpdate = "AAA=";  // in base64: no structs, no deletions

// ---- what every message has

template <class Message>
Message begin(std::string_view type) {
  Message out;
  out.map(5);
  out.key("type");
  out.string(type);
  out.key("data");
  return out;
}

template <class Message>
void json_or_null(Message& out, std::string_view json) {
  json.empty() ? out.null() : out.json(json);
}

template <class Message>
void finish(Message& out, std::string_view id, std::string_view room, std::string_view user) {
  out.key("connectionId");
  id.empty() ? out.null() : out.string(id);
  out.key("room");
  out.string(room);
  out.key("user");
  json_or_null(out, user);
  out.end();
}

std::string id_of(const freshet_source& source) {
  return source.client == 0 ? std::string(kServerId) : connection_id(source.client);
}

template <class Message>
Status say(Message message, const freshet_delivery& d, const freshet_source& from, Sink out) {
  finish(message, id_of(from), view(d.room), view(from.user));
  return message.write(out);
}

// When presence `i` was last changed; 0: not since it was first shown, or it is not said.
uint64_t changed_ms(const freshet_delivery& d, size_t i) {
  const bool said = d.size >= offsetof(freshet_delivery, changed_ms) + sizeof(d.changed_ms);
  return said && d.changed_ms != nullptr ? d.changed_ms[i] : 0;
}

template <class Message>
void timers(Message& out, uint64_t changed_ms) {
  out.key("timers");
  out.map(1);
  out.key("presence");
  changed_ms == 0 ? out.null() : out.number(changed_ms);
  out.end();
}

// ---- the messages

template <class Message>
Status write_registered(const freshet_delivery& d, Sink out) {
  auto message = begin<Message>("$registered");
  message.map(4);
  message.key("presence");
  json_or_null(message, view(d.shown));
  message.key("sessionId");
  message.string(id_of(d.from));
  // Only asked whether it is there, never applied.
  message.key("state");
  d.document == FRESHET_DOCUMENT_EMPTY ? message.null() : message.string(kEmptyUpdate);
  timers(message, changed_ms(d, 0));
  message.end();
  return say(std::move(message), d, d.from, out);
}

template <class Message>
Status write_storage_received(const freshet_delivery& d, Sink out) {
  auto message = begin<Message>("$storageReceived");
  message.map(2);
  message.key("changeKind");
  message.string(d.document == FRESHET_DOCUMENT_EMPTY    ? "empty"
                 : d.document == FRESHET_DOCUMENT_SEEDED ? "initialized"
                                                         : "unchanged");
  message.key("state");
  message.bytes(view(d.bytes));
  message.end();
  return say(std::move(message), d, d.from, out);
}

template <class Message>
Status write_storage_updated(const freshet_delivery& d, Sink out) {
  auto message = begin<Message>("$storageUpdated");
  message.map(1);
  message.key("state");
  message.bytes(view(d.bytes));
  message.end();
  return say(std::move(message), d, d.from, out);
}

template <class Message>
void add_other(Message& message, const freshet_delivery& d, size_t i) {
  const std::string id = connection_id(d.presence[i].client);
  message.key(id);
  message.map(5);
  message.key("connectionId");
  message.string(id);
  message.key("presence");
  message.json(object_or(view(d.presence[i].json), "null"));
  message.key("room");
  message.string(view(d.room));
  timers(message, changed_ms(d, i));
  message.key("user");
  json_or_null(message, view(d.sources[i].user));
  message.end();
}

template <class Message>
Status write_others(const freshet_delivery& d, Sink out) {
  const auto is_other = [&](const freshet_presence& entry) {
    return entry.client != d.to && entry.json.data != nullptr;
  };
  const auto others = std::count_if(d.presence, d.presence + d.presence_count, is_other);
  auto message = begin<Message>("$othersReceived");
  message.map(1);
  message.key("others");
  message.map(static_cast<size_t>(others));
  for (size_t i = 0; i < d.presence_count; ++i) {
    if (is_other(d.presence[i])) add_other(message, d, i);
  }
  message.end();
  message.end();
  return say(std::move(message), d, d.from, out);
}

template <class Message>
Message exit_of(const freshet_presence& entry) {
  auto message = begin<Message>("$exit");
  message.map(1);
  message.key("sessionId");
  message.string(connection_id(entry.client));
  message.end();
  return message;
}

template <class Message>
Message joined(const freshet_presence& entry, const freshet_source& source, uint64_t changed_ms) {
  auto message = begin<Message>("$userJoined");
  message.map(4);
  message.key("connectionId");
  message.string(connection_id(entry.client));
  message.key("user");
  json_or_null(message, view(source.user));
  message.key("presence");
  message.json(object_or(view(entry.json), "{}"));
  timers(message, changed_ms);
  message.end();
  return message;
}

template <class Message>
Message updated(const freshet_presence& entry, uint64_t changed_ms) {
  auto message = begin<Message>("$presenceUpdated");
  message.map(2);
  message.key("presence");
  message.json(object_or(view(entry.json), "{}"));
  timers(message, changed_ms);
  message.end();
  return message;
}

// One message for each who came, changed or went.
template <class Message>
Status write_presence(const freshet_delivery& d, Sink out) {
  if (d.whole != 0) return write_others<Message>(d, out);
  for (size_t i = 0; i < d.presence_count; ++i) {
    const freshet_presence& entry = d.presence[i];
    const freshet_source& source = d.sources[i];
    Message message = entry.json.data == nullptr ? exit_of<Message>(entry)
                      : source.arrived != 0      ? joined<Message>(entry, source, changed_ms(d, i))
                                                 : updated<Message>(entry, changed_ms(d, i));
    FRESHET_CHECK(say(std::move(message), d, source, out));
  }
  return Status::ok;
}

template <class Message>
Status write_event(const freshet_delivery& d, Sink out) {
  auto message = begin<Message>(view(d.event));
  message.json(as_text(view(d.bytes)));
  return say(std::move(message), d, d.from, out);
}

template <class Message>
Message refused(std::string_view why, const Answered& answered) {
  auto message = begin<Message>("$error");
  message.map(size_t{1} + (answered.type.empty() ? 0 : 1) + (answered.update == 0 ? 0 : 1) +
              (answered.call == 0 ? 0 : 1));
  message.key("message");
  message.string(why);
  if (!answered.type.empty()) {
    message.key("event");
    message.string(answered.type);
  }
  if (answered.update != 0) {
    message.key("update");
    message.number(answered.update);
  }
  if (answered.call != 0) {
    message.key("call");
    message.number(answered.call);
  }
  message.end();
  return message;
}

Answered answered_by(const freshet_delivery& d) {
  if (d.size < offsetof(freshet_delivery, refused) + sizeof(d.refused)) return {};
  switch (d.refused) {
    case FRESHET_REFUSED_UPDATE: return {.type = "$updateStorage", .update = d.ticket};
    case FRESHET_REFUSED_PRESENCE: return {.type = "$updatePresence"};
    case FRESHET_REFUSED_EVENT: return {.type = view(d.event), .call = d.ticket};
    case FRESHET_REFUSED_SEED: return {.type = "$initializeSession"};
    default: return {};
  }
}

template <class Message>
Message saved_note(uint64_t ticket) {
  auto message = begin<Message>("$saved");
  message.map(1);
  message.key("update");
  message.number(ticket);
  message.end();
  return message;
}

template <class Message>
Message pong_note() {
  auto message = begin<Message>("$pong");
  message.map(0);
  message.end();
  return message;
}

template <class Message>
Status write(const freshet_delivery& d, Sink out) {
  const bool has_update = d.kind == FRESHET_DIFF || d.kind == FRESHET_UPDATE;
  if (has_update && d.format != FRESHET_UPDATE_V1) return Status::unsupported;
  switch (d.kind) {
    case FRESHET_JOINED: return write_registered<Message>(d, out);
    case FRESHET_DIFF: return write_storage_received<Message>(d, out);
    case FRESHET_UPDATE: return write_storage_updated<Message>(d, out);
    case FRESHET_SAVED:
      if (d.ticket == 0) return Status::not_found;
      return say(saved_note<Message>(d.ticket), d, d.from, out);
    case FRESHET_REFUSED:
      return say(refused<Message>(refusal_words(d), answered_by(d)), d, d.from, out);
    case FRESHET_PRESENCE: return write_presence<Message>(d, out);
    case FRESHET_EVENT: return write_event<Message>(d, out);
    default: return Status::not_found;
  }
}

template <class Message>
std::string whole(Message message, const Addressee& to) {
  finish(message, to.connection_id, to.room, to.user);
  return std::move(message).text();
}

}  // namespace

std::string connection_id(uint64_t client) {
  char text[24];
  std::snprintf(text, sizeof(text), "p_%014llx", static_cast<unsigned long long>(client));
  return text;
}

std::string pong(const Addressee& to) {
  return to.format == Format::json ? whole(pong_note<JsonMessage>(), to)
                                   : whole(pong_note<MsgpackMessage>(), to);
}

std::string error(const Addressee& to, std::string_view message, const Answered& answered) {
  return to.format == Format::json ? whole(refused<JsonMessage>(message, answered), to)
                                   : whole(refused<MsgpackMessage>(message, answered), to);
}

std::string saved(const Addressee& to, uint64_t update) {
  return to.format == Format::json ? whole(saved_note<JsonMessage>(update), to)
                                   : whole(saved_note<MsgpackMessage>(update), to);
}

Status write_delivery(const freshet_delivery& delivery, Sink out) {
  return delivery.variant == static_cast<uint32_t>(Format::msgpack)
             ? write<MsgpackMessage>(delivery, out)
             : write<JsonMessage>(delivery, out);
}

}  // namespace freshet::pluv
