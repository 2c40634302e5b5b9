#include "server_message.h"

#include <cstdio>
#include <utility>

#include "base64.h"
#include "freshet/abi/crdt.h"
#include "freshet/codec.h"
#include "freshet/json.h"
#include "presence.h"

namespace freshet::pluv {
namespace {

constexpr std::string_view kEmptyUpdate = "AAA=";  // in base64: no structs, no deletions

std::string_view or_null(std::string_view json) { return json.empty() ? "null" : json; }

std::string head(std::string_view type) {
  std::string out = "{\"type\":";
  append_json_string(out, type);
  return out += ",\"data\":";
}

void append_tail(std::string& out, std::string_view id, std::string_view room,
                 std::string_view user) {
  out += ",\"connectionId\":";
  id.empty() ? void(out += "null") : append_json_string(out, id);
  out += ",\"room\":";
  append_json_string(out, room);
  out.append(",\"user\":").append(or_null(user)).append("}");
}

std::string id_of(const freshet_source& source) {
  return source.client == 0 ? std::string(kServerId) : connection_id(source.client);
}

void append_tail(std::string& out, const freshet_delivery& delivery, const freshet_source& from) {
  append_tail(out, id_of(from), view(delivery.room), view(from.user));
}

Status write_registered(const freshet_delivery& d, Sink out) {
  std::string text = head("$registered");
  text.append("{\"presence\":").append(or_null(view(d.shown)));
  text.append(",\"sessionId\":\"").append(id_of(d.from)).append("\",\"state\":");
  // Only asked whether it is there, never applied.
  if (d.document == FRESHET_DOCUMENT_EMPTY) {
    text += "null";
  } else {
    text.append("\"").append(kEmptyUpdate).append("\"");
  }
  text += ",\"timers\":{\"presence\":null}}";
  append_tail(text, d, d.from);
  return out.write(text);
}

// A message whose data ends in an update: written in place, for it may be large.
Status write_update(std::string_view begin, const freshet_delivery& d, Sink out) {
  std::string end = "\"}";
  append_tail(end, d, d.from);
  const Bytes update = view(d.bytes);
  uint8_t* const place = out.reserve(begin.size() + base64_room(update.size()) + end.size());
  if (place == nullptr) return Status::too_large;
  uint8_t* at = put_raw(place, as_bytes(begin));
  at = put_base64(at, update);
  at = put_raw(at, as_bytes(end));
  return out.commit(static_cast<size_t>(at - place));
}

Status write_storage_received(const freshet_delivery& d, Sink out) {
  const std::string_view kind = d.document == FRESHET_DOCUMENT_EMPTY    ? "empty"
                                : d.document == FRESHET_DOCUMENT_SEEDED ? "initialized"
                                                                        : "unchanged";
  std::string begin = head("$storageReceived");
  begin.append("{\"changeKind\":\"").append(kind).append("\",\"state\":\"");
  return write_update(begin, d, out);
}

std::string_view presence_of(const freshet_presence& entry) {
  return object_or_null(view(entry.json));
}

Status write_others(const freshet_delivery& d, Sink out) {
  std::string text = head("$othersReceived") + "{\"others\":{";
  bool first = true;
  for (size_t i = 0; i < d.presence_count; ++i) {
    const freshet_presence& entry = d.presence[i];
    if (entry.client == d.to || entry.json.data == nullptr) continue;
    if (!std::exchange(first, false)) text += ',';
    const std::string id = connection_id(entry.client);
    text.append("\"").append(id).append("\":{\"connectionId\":\"").append(id);
    text.append("\",\"presence\":").append(presence_of(entry)).append(",\"room\":");
    append_json_string(text, view(d.room));
    text.append(",\"timers\":{\"presence\":null},\"user\":");
    text.append(or_null(view(d.sources[i].user))).append("}");
  }
  text += "}}";
  append_tail(text, d, d.from);
  return out.write(text);
}

// One message for each who came, changed or went.
Status write_presence(const freshet_delivery& d, Sink out) {
  if (d.whole != 0) return write_others(d, out);
  for (size_t i = 0; i < d.presence_count; ++i) {
    const freshet_presence& entry = d.presence[i];
    const freshet_source& source = d.sources[i];
    const std::string id = connection_id(entry.client);
    std::string text;
    if (entry.json.data == nullptr) {
      text = head("$exit").append("{\"sessionId\":\"").append(id).append("\"}");
    } else if (source.arrived != 0) {
      text = head("$userJoined").append("{\"connectionId\":\"").append(id);
      text.append("\",\"user\":").append(or_null(view(source.user)));
      text.append(",\"presence\":").append(presence_of(entry));
      text.append(",\"timers\":{\"presence\":null}}");
    } else {
      text = head("$presenceUpdated").append("{\"presence\":").append(presence_of(entry));
      text.append(",\"timers\":{\"presence\":null}}");
    }
    append_tail(text, d, source);
    FRESHET_CHECK(out.write(text));
  }
  return Status::ok;
}

Status write_event(const freshet_delivery& d, Sink out) {
  std::string text = head(view(d.event));
  text += as_text(view(d.bytes));
  append_tail(text, d, d.from);
  return out.write(text);
}

Status write_refused(const freshet_delivery& d, Sink out) {
  std::string text = head("$error").append("{\"message\":\"").append(words_for(d.status)) + "\"";
  if (d.ticket != 0) text.append(",\"update\":").append(std::to_string(d.ticket));
  text += '}';
  append_tail(text, d, d.from);
  return out.write(text);
}

Status write_saved(const freshet_delivery& d, Sink out) {
  if (d.ticket == 0) return Status::not_found;
  std::string text = head("$saved") + "{\"update\":" + std::to_string(d.ticket) + "}";
  append_tail(text, d, d.from);
  return out.write(text);
}

}  // namespace

std::string connection_id(uint64_t client) {
  char text[24];
  std::snprintf(text, sizeof(text), "p_%014llx", static_cast<unsigned long long>(client));
  return text;
}

std::string_view words_for(freshet_status status) {
  switch (status) {
    case FRESHET_DENIED: return "You may only read in this room.";
    case FRESHET_LIMIT: return "The room is full.";
    case FRESHET_TOO_LARGE: return "This is larger than the server takes.";
    case FRESHET_MALFORMED: return "The update does not decode.";
    default: return "This was not taken.";
  }
}

std::string pong(const Addressee& to) {
  std::string text = head("$pong") + "{}";
  append_tail(text, to.connection_id, to.room, to.user);
  return text;
}

std::string error(const Addressee& to, std::string_view message) {
  std::string text = head("$error") + "{\"message\":";
  append_json_string(text, message);
  text += '}';
  append_tail(text, to.connection_id, to.room, to.user);
  return text;
}

std::string saved(const Addressee& to, uint64_t update) {
  std::string text = head("$saved") + "{\"update\":" + std::to_string(update) + "}";
  append_tail(text, to.connection_id, to.room, to.user);
  return text;
}

Status write_json(const freshet_delivery& delivery, Sink out) {
  switch (delivery.kind) {
    case FRESHET_JOINED: return write_registered(delivery, out);
    case FRESHET_DIFF:
      if (delivery.format != FRESHET_UPDATE_V1) return Status::unsupported;
      return write_storage_received(delivery, out);
    case FRESHET_UPDATE:
      if (delivery.format != FRESHET_UPDATE_V1) return Status::unsupported;
      return write_update(head("$storageUpdated") + "{\"state\":\"", delivery, out);
    case FRESHET_SAVED: return write_saved(delivery, out);
    case FRESHET_REFUSED: return write_refused(delivery, out);
    case FRESHET_PRESENCE: return write_presence(delivery, out);
    case FRESHET_EVENT: return write_event(delivery, out);
    default: return Status::not_found;
  }
}

}  // namespace freshet::pluv
