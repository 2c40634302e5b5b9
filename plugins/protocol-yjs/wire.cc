#include "wire.h"

#include "freshet/format/awareness.h"
#include "freshet/format/codec.h"

namespace freshet::yjs {
namespace {

enum : uint8_t { kSync = 0, kAwareness = 1, kAuth = 2, kQueryAwareness = 3 };
enum : uint8_t { kStep1 = 0, kStep2 = 1, kUpdate = 2 };
enum : uint8_t { kPermissionDenied = 0 };

Result<Message> read_sync(Reader& in) {
  constexpr MessageKind kKinds[] = {MessageKind::step1, MessageKind::step2, MessageKind::update};
  const uint64_t step = in.varuint();
  const Bytes payload = in.bytes();
  if (!in.ok() || step > kUpdate) return Status::malformed;
  return Message{kKinds[step], payload};
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
  return write_awareness_message(kAwareness, entries, out);
}

}  // namespace freshet::yjs
