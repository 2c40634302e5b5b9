#include "client_message.h"

#include <optional>
#include <utility>

#include "base64.h"
#include "freshet/format/json.h"
#include "freshet/format/utf8.h"
#include "limits.h"

namespace freshet::pluv {
namespace {

constexpr Flaw kNotJson{"This is no JSON, or it is nested too deeply."};
constexpr Flaw kNoMessage{"A message is an object with a type, which is a name, and data."};
constexpr Flaw kNoData{"data must be an object, an array or null."};
constexpr Flaw kReserved{"Names that begin with $ are the server's."};
constexpr Flaw kNoName{"An event has a name of 1 to 256 bytes."};
constexpr Flaw kNoPresence{"presence must be an object."};
constexpr Flaw kNoUpdate{"update must be a string of base64.", true};
constexpr Flaw kUpdateInText{"update must be bytes.", true};
constexpr Flaw kStrayBytes{"Only the update of $initializeSession and $updateStorage is bytes."};
constexpr Flaw kNotMsgpack{
    "This is no msgpack, or it is nested too deeply, or says what JSON cannot."};
constexpr Flaw kNoUpdateAtAll{"$updateStorage has data with an update.", true};

// Keys may be written with escapes, by those who hope to be read differently later.
bool is_key(std::string_view literal, std::string_view key) {
  if (literal.size() == key.size() + 2) return literal.substr(1, key.size()) == key;
  return literal.find('\\') != std::string_view::npos && json_text(literal) == key;
}

struct Known {
  std::string_view name;
  ClientKind kind;
};
constexpr Known kKnown[] = {
    {"$initializeSession", ClientKind::initialize_session},
    {"$getOthers", ClientKind::get_others},
    {"$updatePresence", ClientKind::update_presence},
    {"$updateStorage", ClientKind::update_storage},
    {"$ping", ClientKind::ping},
};

// The members of a message's data that mean anything; as they are written.
struct Members {
  std::string_view presence, update, origin;
};

Members members_of(std::string_view data) {
  Members members;
  JsonReader in(data);
  if (in.next() != '{') return members;
  in.enter('{');
  for (std::string_view key = in.key(); !key.empty(); key = in.key()) {
    const std::string_view value = in.value(kMaxDepth);
    if (is_key(key, "presence")) members.presence = value;
    if (is_key(key, "update")) members.update = value;
    if (is_key(key, "origin")) members.origin = value;
  }
  return members;
}

bool is_none(std::string_view value) { return value.empty() || value == "null"; }

bool read_presence(std::string_view value, ClientMessage& out) {
  if (is_none(value)) return true;
  out.presence = value;
  return value.front() == '{';
}

bool read_update(std::string_view value, ClientMessage& out) {
  if (is_none(value)) return true;
  if (value.front() != '"') return false;
  if (value.find('\\') == std::string_view::npos) {
    return decode_base64(value.substr(1, value.size() - 2), out.update);
  }
  const auto text = json_text(value);  // "\/" for '/', as some writers have it
  return text && decode_base64(*text, out.update);
}

}  // namespace

Flaw read_data(std::string_view name, std::string_view data, ClientMessage& out) {
  if (name.size() <= kMaxEventNameBytes) out.name = name;
  const char first = data.empty() ? '\0' : data.front();
  if (first != '{' && first != '[' && data != "null") return kNoData;
  if (!name.starts_with('$')) {
    if (name.empty() || name.size() > kMaxEventNameBytes) return kNoName;
    out.kind = ClientKind::event;
    out.data = data;
    return {};
  }
  const Known* known = nullptr;
  for (const Known& each : kKnown) {
    if (each.name == name) known = &each;
  }
  if (known == nullptr) return kReserved;
  out.kind = known->kind;
  const Members members = members_of(data);
  switch (out.kind) {
    case ClientKind::initialize_session:
      if (!read_presence(members.presence, out)) return kNoPresence;
      return read_update(members.update, out) ? Flaw{} : kNoUpdate;
    case ClientKind::update_presence:
      return read_presence(members.presence, out) && !out.presence.empty() ? Flaw{} : kNoPresence;
    case ClientKind::update_storage:
      out.initialized = !members.origin.empty() && members.origin.front() == '"' &&
                        json_text(members.origin) == "$initialized";
      if (members.update.empty()) return kNoUpdateAtAll;
      return read_update(members.update, out) ? Flaw{} : kNoUpdate;
    default: return {};
  }
}

Flaw read_message(std::string_view text, ClientMessage& out) {
  JsonReader in(text);
  if (in.next() != '{') return is_json(text, kMaxDepth) ? kNoMessage : kNotJson;
  in.enter('{');
  std::string_view type, data;
  for (std::string_view key = in.key(); !key.empty(); key = in.key()) {
    const std::string_view value = in.value(kMaxDepth);
    if (is_key(key, "type")) type = value;
    if (is_key(key, "data")) data = value;
  }
  if (!in.at_end()) return kNotJson;
  if (!type.starts_with('"')) return kNoMessage;
  const auto name = json_text(type);
  if (!name) return kNoName;
  return read_data(*name, data, out);
}

Flaw read_message(Bytes frame, MsgpackText& text, ClientMessage& out) {
  if (!read_msgpack(frame, text)) return kNotMsgpack;
  const Flaw flaw = read_message(text.json, out);
  if (!flaw.text.empty()) return flaw;
  const bool takes_update =
      out.kind == ClientKind::initialize_session || out.kind == ClientKind::update_storage;
  if (text.has_update && !takes_update) return kStrayBytes;
  if (!out.update.empty()) return kUpdateInText;
  out.update = std::move(text.update);
  return {};
}

}  // namespace freshet::pluv
