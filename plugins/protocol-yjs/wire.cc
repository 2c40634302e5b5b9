#include "wire.h"

#include "freshet/format/codec.h"
#include "freshet/format/json.h"
#include "limits.h"

namespace freshet::yjs {
namespace {

enum : uint8_t { kSync = 0, kAwareness = 1, kAuth = 2, kQueryAwareness = 3 };
enum : uint8_t { kStep1 = 0, kStep2 = 1, kUpdate = 2 };
enum : uint8_t { kPermissionDenied = 0 };

// Varuint client, varuint clock, string of one byte: what an entry takes at least.
constexpr size_t kMinEntryBytes = 4;

Result<Message> read_sync(Reader& in) {
  constexpr MessageKind kKinds[] = {MessageKind::step1, MessageKind::step2, MessageKind::update};
  const uint64_t step = in.varuint();
  const Bytes payload = in.bytes();
  if (!in.ok() || step > kUpdate) return Status::malformed;
  return Message{kKinds[step], payload};
}

// JSON's null, with the white space some writers put around it, is how a state is taken back.
bool is_null(std::string_view json) {
  constexpr std::string_view kSpace = " \t\n\r";
  const size_t first = json.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return false;
  return json.substr(first, json.find_last_not_of(kSpace) + 1 - first) == "null";
}

std::string_view json_of(const freshet_presence& entry) {
  return entry.json.data == nullptr ? std::string_view("null") : view(entry.json);
}

Status write_sync(uint8_t step, Bytes payload, Sink out) {
  const size_t size = 2 + varuint_size(payload.size()) + payload.size();
  uint8_t* at = out.reserve(size);
  if (at == nullptr) return Status::too_large;
  *at++ = kSync;
  *at++ = step;
  put_bytes(at, payload);
  return out.commit(size);
}

}  // namespace

Result<Message> read_message(Bytes frame) {
  Reader in(frame);
  const uint64_t type = in.varuint();
  if (!in.ok()) return Status::malformed;
  switch (type) {
    case kSync: return read_sync(in);
    case kAwareness: {
      const Bytes payload = in.bytes();
      if (!in.ok()) return Status::malformed;
      return Message{MessageKind::awareness, payload};
    }
    case kAuth: return Message{MessageKind::auth, {}};
    case kQueryAwareness: return Message{MessageKind::query_awareness, {}};
    default: return Status::malformed;
  }
}

Status read_awareness(Bytes update, size_t max_entries, std::vector<freshet_presence>& out) {
  out.clear();
  Reader in(update);
  const uint64_t count = in.varuint();
  // A count that the bytes cannot hold must not make us reserve for it.
  if (!in.ok() || count > in.remaining() / kMinEntryBytes) return Status::malformed;
  if (count > max_entries) return Status::too_large;
  out.reserve(count);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t client = in.varuint();
    const uint64_t clock = in.varuint();
    const std::string_view json = in.string();
    if (!in.ok()) return Status::malformed;
    if (json.size() > kMaxStateBytes) return Status::too_large;
    if (!is_json(json, kMaxStateDepth)) return Status::malformed;
    out.push_back({client, clock, is_null(json) ? freshet_str{nullptr, 0} : to_c(json)});
  }
  return Status::ok;
}

Status write_step1(Bytes state_vector, Sink out) { return write_sync(kStep1, state_vector, out); }
Status write_step2(Bytes update, Sink out) { return write_sync(kStep2, update, out); }
Status write_update(Bytes update, Sink out) { return write_sync(kUpdate, update, out); }

Status write_refusal(std::string_view why, Sink out) {
  const size_t size = 2 + varuint_size(why.size()) + why.size();
  uint8_t* at = out.reserve(size);
  if (at == nullptr) return Status::too_large;
  *at++ = kAuth;
  *at++ = kPermissionDenied;
  put_bytes(at, as_bytes(why));
  return out.commit(size);
}

Status write_awareness(std::span<const freshet_presence> entries, Sink out) {
  size_t body = varuint_size(entries.size());
  for (const freshet_presence& entry : entries) {
    const size_t json = json_of(entry).size();
    body += varuint_size(entry.client) + varuint_size(entry.clock) + varuint_size(json) + json;
  }
  const size_t size = 1 + varuint_size(body) + body;
  uint8_t* at = out.reserve(size);
  if (at == nullptr) return Status::too_large;
  *at++ = kAwareness;
  at = put_varuint(at, body);
  at = put_varuint(at, entries.size());
  for (const freshet_presence& entry : entries) {
    at = put_varuint(at, entry.client);
    at = put_varuint(at, entry.clock);
    at = put_bytes(at, as_bytes(json_of(entry)));
  }
  return out.commit(size);
}

}  // namespace freshet::yjs
