#include "app-webhook/dialect/dialect.h"

#include <optional>

#include "app-webhook/dialect/entry.h"
#include "app-webhook/dialect/first_document.h"
#include "app-webhook/dialect/first_state.h"
#include "app-webhook/dialect/hocuspocus.h"
#include "app-webhook/dialect/memory.h"
#include "app-webhook/signing/canonical_json.h"
#include "app-webhook/signing/signature.h"
#include "freshet/sink.h"

namespace freshet::webhook {
namespace {

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

std::string freshet_text(std::string_view id, std::string_view event, std::string_view room,
                         uint64_t unix_ms, std::string_view data) {
  std::string out = "{\"id\":\"";
  out += id;
  out += "\",\"time\":" + std::to_string(unix_ms);
  out += ",\"event\":" + json_string(event) + ",\"room\":" + json_string(room) + ",\"data\":{";
  return (out += data) += "}}";
}

}  // namespace

std::string pluv_body(std::string_view event, std::string_view room, Storage storage,
                      std::string_view user) {
  std::string out = "{\"data\":{\"room\":" + json_string(room);
  const size_t storage_at = out.size();
  if (storage == Storage::null) out += ",\"storage\":null";
  if (!user.empty()) (out += ",\"user\":") += user;
  out += "},\"event\":" + json_string(event) + "}";
  return storage == Storage::when_sent ? entry_with_storage(std::move(out), storage_at) : out;
}

std::vector<std::string> Speech::entries(const freshet_notice& notice) const {
  if (options_.dialect == Dialect::pluv) return pluv_entries(notice);
  if (options_.dialect == Dialect::hocuspocus) return hocuspocus_entries(notice);
  if (event_name(notice.kind).empty()) return {};
  return {freshet_entry(notice)};
}

bool Speech::wants_state(const freshet_notice& notice) const {
  return (options_.states >> notice.kind & 1) != 0;
}

std::vector<std::string> Speech::pluv_entries(const freshet_notice& notice) const {
  const std::string_view room = view(notice.room);
  const Storage storage = wants_state(notice) ? Storage::when_sent : Storage::null;
  std::vector<std::string> out;
  if (notice.kind == FRESHET_ROOM_DELETED) {
    if (options_.room_destroyed) out.push_back(pluv_body("room-destroyed", room, Storage::none));
    if (options_.storage_destroyed) out.push_back(pluv_body("storage-destroyed", room, storage));
    return out;
  }
  const bool comes = notice.kind == FRESHET_USER_CONNECTED;
  if (!comes && notice.kind != FRESHET_USER_DISCONNECTED) return out;
  // Receivers of this dialect insist on a user.
  const auto user = user_text(notice.user);
  if (!user || !user->starts_with('{')) return out;
  out.push_back(pluv_body(comes ? "user-connected" : "user-disconnected", room, storage, *user));
  return out;
}

std::string Speech::freshet_entry(const freshet_notice& notice) const {
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
  std::string body =
      freshet_text(id_of(notice), event_name(notice.kind), view(notice.room), notice.unix_ms, data);
  if (!wants_state(notice)) return body;
  const size_t storage_at = body.size() - 2;  // at the end of the data
  return entry_with_storage(std::move(body), storage_at);
}

// The end of a room of a cluster may be told again, perhaps by another node: under the same id.
std::string Speech::id_of(const freshet_notice& notice) const {
  if (notice.id == 0) return random_id();
  const std::string what = std::to_string(notice.id) + ' ' + std::string(view(notice.room));
  return hmac_sha256(options_.secret, what).substr(0, kIdDigits);
}

std::vector<std::string> Speech::hocuspocus_entries(const freshet_notice& notice) const {
  const std::string_view room = view(notice.room);
  switch (notice.kind) {
    case FRESHET_STORAGE_UPDATED:
      return {hocuspocus_change(room, context_of(notice.user), wants_state(notice))};
    case FRESHET_USER_DISCONNECTED: return {hocuspocus_disconnect(room, context_of(notice.user))};
    default: return {};  // not told
  }
}

std::string Speech::initial_storage(std::string_view room, uint64_t unix_ms) const {
  if (options_.dialect == Dialect::hocuspocus) return hocuspocus_create(room);
  if (options_.dialect == Dialect::pluv) return pluv_body("initial-storage", room, Storage::none);
  return freshet_text(random_id(), "initial-storage", room, unix_ms, "");
}

std::string Speech::signature(std::string_view body, uint64_t unix_ms) const {
  if (options_.dialect == Dialect::pluv) {
    return "x-pluv-signature-256: sha256=" + hmac_sha256(options_.secret, body);
  }
  if (options_.dialect == Dialect::hocuspocus) {
    return "X-Hocuspocus-Signature-256: sha256=" + hmac_sha256(options_.secret, body);
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
    if (options_.dialect != Dialect::pluv) return {Verdict::taken, ""};
    if (member_of(answer.body, "ok") == "true") return {Verdict::taken, ""};
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
  if (options_.dialect != Dialect::pluv && answer.failure.empty() && answer.status == 404) {
    return Status::not_found;
  }
  if (answer.no_memory) return reason = "there is no memory for its answer", Status::retry;
  if (answer.cut) return reason = "its answer is too long", Status::too_large;
  const Judgement judgement = judge(answer);
  if (judgement.verdict != Verdict::taken) return reason = judgement.reason, Status::retry;
  if (options_.dialect == Dialect::hocuspocus) {
    Status read = Status::retry;
    if (!with_memory([&] { read = read_hocuspocus_create(answer.body, state, reason); })) {
      return reason = "there is no memory for its document", Status::retry;
    }
    return read;
  }
  std::optional<std::string_view> data = answer.body;
  if (options_.dialect == Dialect::pluv) data = member_of(answer.body, "data");
  const auto storage = data ? member_of(*data, "storage") : std::nullopt;
  if (!storage) return reason = "its answer has no storage", Status::malformed;
  Status status = Status::retry;
  if (!with_memory([&] { status = read_storage(*storage, state); })) {
    return reason = "there is no memory for its storage", Status::retry;
  }
  if (status == Status::malformed) reason = "its storage is neither null nor base64";
  return status;
}

Status Speech::read_hocuspocus_create(const std::string& body, std::string& state,
                                      std::string& reason) const {
  std::string operations;
  const Status read = read_create(body, state, operations, reason);
  if (read != Status::ok || operations.empty()) return read;
  if (crdt_ == nullptr || !FRESHET_HAS(crdt_, edit)) {
    return reason = "it is JSON, and no engine was loaded before app-webhook to make a document",
           Status::malformed;
  }
  const Status made = first_document(*crdt_, operations, state);
  if (made == Status::ok || made == Status::retry) return made;
  return reason = "no document can be made of it (" + std::string(name_of(made)) +
                  "); give it as storage, in base64",
         Status::malformed;
}

}  // namespace freshet::webhook
