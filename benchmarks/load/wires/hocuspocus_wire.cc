#include "hocuspocus_wire.h"

#include "awareness.h"
#include "message_types.h"
#include "sync.h"

namespace freshet::load {

namespace {

enum OwnType : uint8_t {
  kSyncReply = 4,
  kStateless = 5,
  kClose = 7,
  kSyncStatus = 8,
  kPing = 9,
  kPong = 10,
};
enum Auth : uint8_t { kToken = 0, kDenied = 1, kAdmitted = 2 };

constexpr std::string_view kVersion = "4.8.0";

void begin(Writer& to, const Person& who, uint8_t type) {
  to.string(who.room);
  to.u8(type);
}

void add_sync(const Person& who, SyncPart part, Bytes body, FrameWriter& out) {
  std::vector<uint8_t> message;
  Writer to(message);
  begin(to, who, kSync);
  write_sync(to, part, body);
  out.add(Opcode::binary, message);
}

Heard read_auth(Reader& in) {
  const uint64_t kind = in.varuint();
  if (kind == kToken)
    return in.ok() ? Heard{.word = Word::registered} : Heard{.word = Word::broken};
  const std::string_view text = in.string();
  if (!in.ok() || kind > kAdmitted) return {.word = Word::broken};
  return kind == kDenied ? Heard{.word = Word::refused, .text = text} : Heard{};
}

Heard read_status(Reader& in) {
  const uint64_t taken = in.varuint();
  if (!in.ok()) return {.word = Word::broken};
  if (taken == 0) return {.word = Word::refused, .text = "an edit was not taken"};
  return {.word = Word::saved_next};
}

}  // namespace

Heard HocuspocusWire::read(Bytes message, std::vector<uint8_t>& /*scratch*/) const {
  if (message.size() == 1) {
    return {.word = message[0] == kPing ? Word::ping : Word::nothing};
  }
  Reader in(message);
  in.string();
  switch (in.varuint()) {
    case kSync:
    case kSyncReply: return in.ok() ? read_sync(in) : Heard{.word = Word::broken};
    case kAwareness: {
      const Bytes entries = in.bytes();
      return {.word = Word::presence, .body = entries};
    }
    case kAuth: return read_auth(in);
    case kQuery:
    case kStateless: return {};
    case kSyncStatus: return read_status(in);
    case kClose: {
      const std::string_view why = in.string();
      return {.word = Word::refused, .text = why};
    }
    default: return {.word = Word::broken};
  }
}

void HocuspocusWire::read_presence(const Heard& heard, std::vector<Shown>& out) const {
  if (heard.word == Word::presence) read_awareness(heard.body, out);
}

void HocuspocusWire::add_token(const Person& who, FrameWriter& out) const {
  std::vector<uint8_t> message;
  Writer to(message);
  begin(to, who, kAuth);
  to.u8(kToken);
  to.string(token_);
  to.string(kVersion);
  out.add(Opcode::binary, message);
}

void HocuspocusWire::open(Person& who, FrameWriter& out) const {
  add_token(who, out);
  add_sync(who, SyncPart::step1, kEmptyVector, out);
  show(who, out);
}

unsigned HocuspocusWire::answer(const Heard& heard, Person& who, FrameWriter& out) const {
  if (heard.word == Word::registered) add_token(who, out);
  if (heard.word == Word::ping) {
    constexpr uint8_t kAnswer[] = {kPong};
    out.add(Opcode::binary, kAnswer);
  }
  if (heard.word != Word::asked) return 0;
  add_sync(who, SyncPart::step2, document_of(who), out);
  return 1;
}

void HocuspocusWire::edit(const Person& who, Bytes update, FrameWriter& out) const {
  add_sync(who, SyncPart::update, update, out);
}

void HocuspocusWire::show(Person& who, FrameWriter& out) const {
  if (awareness_ == Awareness::none) return;
  std::vector<uint8_t> entries, message;
  write_awareness(who, entries);
  Writer to(message);
  begin(to, who, kAwareness);
  to.bytes(entries);
  out.add(Opcode::binary, message);
}

}  // namespace freshet::load
