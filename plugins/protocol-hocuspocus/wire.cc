#include "wire.h"

#include <algorithm>

#include "freshet/format/awareness.h"
#include "freshet/format/codec.h"
#include "limits.h"

namespace freshet::hocuspocus {
namespace {

enum : uint8_t {
  kSync = 0,
  kAwareness = 1,
  kAuth = 2,
  kQueryAwareness = 3,
  kSyncReply = 4,
  kStateless = 5,
  kBroadcastStateless = 6,
  kClose = 7,
  kSyncStatus = 8,
  kPing = 9,
  kPong = 10
};
enum : uint8_t { kStep1 = 0, kStep2 = 1, kUpdate = 2 };
enum : uint8_t { kToken = 0, kDenied = 1, kAuthenticated = 2 };

constexpr uint8_t kPongFrame[] = {kPong};

struct Content {
  Kind kind = Kind::unknown;
  Bytes payload = {};
};

Content read_sync(Reader& in) {
  constexpr Kind kKinds[] = {Kind::step1, Kind::step2, Kind::update};
  const uint64_t step = in.varuint();
  const Bytes payload = in.bytes();
  return step > kUpdate ? Content{} : Content{kKinds[step], payload};
}

Content read_auth(Reader& in) {
  const uint64_t what = in.varuint();
  const std::string_view token = in.string();
  return what == kToken ? Content{Kind::token, as_bytes(token)} : Content{};
}

Content read_content(Reader& in) {
  switch (in.varuint()) {
    case kSync:
    case kSyncReply: return read_sync(in);
    case kAwareness: return {Kind::awareness, in.bytes()};
    case kAuth: return read_auth(in);
    case kQueryAwareness: return {Kind::query_awareness};
    case kStateless: return {Kind::stateless, as_bytes(in.string())};
    case kBroadcastStateless: return {Kind::broadcast_stateless};
    case kClose: return {Kind::close};
    default: return {};
  }
}

// One item of `head` and then `payload`, which has its length before it.
Status write(std::initializer_list<uint8_t> head, Bytes payload, Sink out) {
  const size_t size = head.size() + varuint_size(payload.size()) + payload.size();
  uint8_t* at = out.reserve(size);
  if (at == nullptr) return Status::too_large;
  at = std::ranges::copy(head, at).out;
  put_bytes(at, payload);
  return out.commit(size);
}

}  // namespace

Result<Message> read_message(Bytes frame) {
  if (frame.size() == 1 && frame[0] == kPing) return Message{{}, Kind::ping, {}};
  if (frame.size() == 1 && frame[0] == kPong) return Message{{}, Kind::pong, {}};
  Reader in(frame);
  const std::string_view address = as_text(in.bytes());
  if (!in.ok() || in.at_end() || address.size() > kMaxAddressBytes) return Status::malformed;
  const Content content = read_content(in);
  if (!in.ok()) return Message{address, Kind::unknown, {}};
  return Message{address, content.kind, content.payload};
}

std::string_view document_of(std::string_view address) {
  return address.substr(0, address.find('\0'));
}

std::vector<uint8_t> prefix_of(std::string_view address) {
  std::vector<uint8_t> out;
  Writer(out).string(address);
  return out;
}

Status write_step1(Bytes state_vector, Sink out) {
  return write({kSync, kStep1}, state_vector, out);
}
Status write_step2(Bytes update, Sink out) { return write({kSync, kStep2}, update, out); }
Status write_update(Bytes update, Sink out) { return write({kSync, kUpdate}, update, out); }

Status write_awareness(std::span<const freshet_presence> entries, Sink out) {
  return write_awareness_message(kAwareness, entries, out);
}

Status write_stateless(std::string_view text, Sink out) {
  return write({kStateless}, as_bytes(text), out);
}

Status write_sync_status(Saved saved, Sink out) {
  const uint8_t item[] = {kSyncStatus, static_cast<uint8_t>(saved)};
  return out.write(Bytes(item));
}

Status write_token_wanted(Sink out) {
  constexpr uint8_t kItem[] = {kAuth, kToken};
  return out.write(Bytes(kItem));
}

Status write_denied(std::string_view why, Sink out) {
  return write({kAuth, kDenied}, as_bytes(why), out);
}

Status write_authenticated(Scope scope, Sink out) {
  return write({kAuth, kAuthenticated},
               as_bytes(scope == Scope::read_write ? "read-write" : "readonly"), out);
}

Status write_close(std::string_view why, Sink out) { return write({kClose}, as_bytes(why), out); }

Bytes pong() { return kPongFrame; }

}  // namespace freshet::hocuspocus
