#include "dialect.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "canonical_json.h"
#include "freshet/sink.h"
#include "signature.h"

namespace freshet::webhook {
namespace {

using Json = nlohmann::json;

// An update without content: a room that nobody has written in.
bool is_empty(Bytes state) {
  return state.empty() || (state.size() == 2 && state[0] == 0 && state[1] == 0);
}

// With quotation marks, or null. Base64 needs no escapes.
std::string storage_text(Bytes state) {
  return is_empty(state) ? "null" : '"' + base64(state) + '"';
}

// A user that is JSON, in its canonical form.
std::optional<std::string> user_text(freshet_str user) {
  if (user.data == nullptr) return std::nullopt;
  return canonical(view(user));
}

std::string_view message_name(uint32_t message) {
  switch (message) {
    case FRESHET_MESSAGE_UPDATE: return "update";
    case FRESHET_MESSAGE_PRESENCE: return "presence";
    case FRESHET_MESSAGE_EVENT: return "event";
    default: return "other";
  }
}

std::string_view event_name(uint32_t kind) {
  switch (kind) {
    case FRESHET_USER_CONNECTED: return "user-connected";
    case FRESHET_USER_DISCONNECTED: return "user-disconnected";
    case FRESHET_STORAGE_UPDATED: return "storage-updated";
    case FRESHET_ROOM_MESSAGE: return "room-message";
    case FRESHET_ROOM_DELETED: return "room-deleted";
    default: return "";
  }
}

std::string freshet_text(std::string_view event, std::string_view room, uint64_t unix_ms,
                         std::string_view data) {
  std::string out = "{\"id\":\"" + random_id() + "\",\"time\":" + std::to_string(unix_ms);
  out += ",\"event\":" + json_string(event) + ",\"room\":" + json_string(room) + ",\"data\":{";
  return (out += data) += "}}";
}

}  // namespace

std::string pluv_body(std::string_view event, std::string_view room, const std::string* storage,
                      std::string_view user) {
  std::string out = "{\"data\":{\"room\":" + json_string(room);
  if (storage != nullptr) out += ",\"storage\":" + *storage;
  if (!user.empty()) (out += ",\"user\":") += user;
  return out + "},\"event\":" + json_string(event) + "}";
}

std::vector<std::string> Speech::bodies(const freshet_notice& notice) const {
  if (options_.dialect == Dialect::pluv) return pluv_bodies(notice);
  if (event_name(notice.kind).empty()) return {};
  return {freshet_body(notice)};
}

bool Speech::wants_state(const freshet_notice& notice) const {
  return (options_.states >> notice.kind & 1) != 0;
}

// Not if it could not be read, which is in the server's log.
bool Speech::has_state(const freshet_notice& notice) const {
  return wants_state(notice) && notice.state.data != nullptr;
}

std::vector<std::string> Speech::pluv_bodies(const freshet_notice& notice) const {
  const std::string_view room = view(notice.room);
  const std::string storage = storage_text(view(notice.state));
  std::vector<std::string> out;
  if (notice.kind == FRESHET_ROOM_DELETED) {
    if (options_.room_destroyed) out.push_back(pluv_body("room-destroyed", room, nullptr));
    // "null" would say that the room is empty.
    const bool unread = wants_state(notice) && !has_state(notice);
    if (options_.storage_destroyed && !unread) {
      out.push_back(pluv_body("storage-destroyed", room, &storage));
    }
    return out;
  }
  const bool comes = notice.kind == FRESHET_USER_CONNECTED;
  if (!comes && notice.kind != FRESHET_USER_DISCONNECTED) return out;
  // Receivers of this dialect insist on a user.
  const auto user = user_text(notice.user);
  if (!user || !user->starts_with('{')) return out;
  out.push_back(pluv_body(comes ? "user-connected" : "user-disconnected", room, &storage, *user));
  return out;
}

std::string Speech::freshet_body(const freshet_notice& notice) const {
  std::string data;
  const auto add = [&](std::string_view key, std::string_view value) {
    if (!data.empty()) data += ',';
    (data += '"') += key;
    (data += "\":") += value;
  };
  const bool of_session =
      notice.kind != FRESHET_STORAGE_UPDATED && notice.kind != FRESHET_ROOM_DELETED;
  if (of_session) {
    add("session", std::to_string(notice.session));
    add("user", user_text(notice.user).value_or("null"));
  }
  if (notice.kind == FRESHET_ROOM_MESSAGE) {
    const Bytes bytes = view(notice.data);
    add("kind", json_string(message_name(notice.message)));
    if (notice.message == FRESHET_MESSAGE_UPDATE) {
      add("update", '"' + base64(bytes) + '"');
    } else {
      if (notice.message == FRESHET_MESSAGE_EVENT) add("name", json_string(view(notice.name)));
      add("value", canonical(as_text(bytes)).value_or("null"));
    }
  }
  if (has_state(notice)) add("storage", storage_text(view(notice.state)));
  return freshet_text(event_name(notice.kind), view(notice.room), notice.unix_ms, data);
}

std::string Speech::initial_storage(std::string_view room, uint64_t unix_ms) const {
  if (options_.dialect == Dialect::pluv) return pluv_body("initial-storage", room, nullptr);
  return freshet_text("initial-storage", room, unix_ms, "");
}

std::string Speech::signature(std::string_view body, uint64_t unix_ms) const {
  if (options_.dialect == Dialect::pluv) {
    return "x-pluv-signature-256: sha256=" + hmac_sha256(options_.secret, body);
  }
  const std::string time = std::to_string(unix_ms / 1000);
  std::string signed_text = time + ".";
  signed_text += body;
  return "x-freshet-signature: t=" + time + ",v1=" + hmac_sha256(options_.secret, signed_text);
}

Judgement Speech::judge(const HttpAnswer& answer) const {
  if (!answer.failure.empty()) return {Verdict::unavailable, answer.failure};
  const std::string said = "it answered " + std::to_string(answer.status);
  if (answer.status >= 200 && answer.status < 300) {
    if (options_.dialect == Dialect::freshet) return {Verdict::taken, ""};
    const Json json = Json::parse(answer.body, nullptr, false);
    if (json.is_object() && json.value("ok", Json()) == Json(true)) return {Verdict::taken, ""};
    return {Verdict::unavailable, said + " without ok: true"};
  }
  const long status = answer.status;
  const bool later =
      status < 300 || status >= 500 || status == 408 || status == 425 || status == 429;
  return {later ? Verdict::unavailable : Verdict::refused,
          answer.body.empty() ? said : said + ": " + answer.body.substr(0, kMaxReasonBytes)};
}

Status Speech::read_initial_storage(const HttpAnswer& answer, std::string& state,
                                    std::string& reason) const {
  if (options_.dialect == Dialect::freshet && answer.failure.empty() && answer.status == 404) {
    return Status::not_found;
  }
  const Judgement judgement = judge(answer);
  if (judgement.verdict != Verdict::taken) return reason = judgement.reason, Status::retry;
  if (answer.cut) return reason = "its answer is too long", Status::too_large;
  const Json json = Json::parse(answer.body, nullptr, false);
  const Json* data = json.is_object() ? &json : nullptr;
  if (data != nullptr && options_.dialect == Dialect::pluv) {
    const auto at = json.find("data");
    data = at != json.end() && at->is_object() ? &*at : nullptr;
  }
  const auto storage = data != nullptr ? data->find("storage") : Json::const_iterator();
  if (data == nullptr || storage == data->end()) {
    return reason = "its answer has no storage", Status::malformed;
  }
  if (storage->is_null()) return Status::not_found;
  if (storage->is_string() && decode_base64(storage->get_ref<const std::string&>(), state)) {
    return state.empty() ? Status::not_found : Status::ok;
  }
  return reason = "its storage is neither null nor base64", Status::malformed;
}

}  // namespace freshet::webhook
