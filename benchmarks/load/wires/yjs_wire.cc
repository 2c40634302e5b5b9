#include "yjs_wire.h"

#include "awareness.h"
#include "message_types.h"
#include "sync.h"

namespace freshet::load {

namespace {

void add_sync(SyncPart part, Bytes body, FrameWriter& out) {
  std::vector<uint8_t> message;
  Writer to(message);
  to.u8(kSync);
  write_sync(to, part, body);
  out.add(Opcode::binary, message);
}

}  // namespace

Heard YjsWire::read(Bytes message, std::vector<uint8_t>& /*scratch*/) const {
  Reader in(message);
  switch (in.varuint()) {
    case kSync: return in.ok() ? read_sync(in) : Heard{.word = Word::broken};
    case kAwareness: {
      const Bytes entries = in.bytes();
      return {.word = Word::presence, .body = entries};
    }
    case kQuery: return {};
    case kAuth: {
      in.varuint();
      const std::string_view why = in.string();
      return in.ok() ? Heard{.word = Word::refused, .text = why} : Heard{.word = Word::broken};
    }
    default: return {.word = Word::broken};
  }
}

void YjsWire::read_presence(const Heard& heard, std::vector<Shown>& out) const {
  if (heard.word == Word::presence) read_awareness(heard.body, out);
}

void YjsWire::open(Person& who, FrameWriter& out) const {
  add_sync(SyncPart::step1, kEmptyVector, out);
  show(who, out);
}

unsigned YjsWire::answer(const Heard& heard, Person& who, FrameWriter& out) const {
  if (heard.word == Word::asked) add_sync(SyncPart::step2, document_of(who), out);
  return 0;  // an echo is told by its clocks, not counted
}

void YjsWire::edit(const Person& /*who*/, Bytes update, FrameWriter& out) const {
  add_sync(SyncPart::update, update, out);
}

void YjsWire::show(Person& who, FrameWriter& out) const {
  if (awareness_ == Awareness::none) return;
  std::vector<uint8_t> entries, message;
  write_awareness(who, entries);
  Writer to(message);
  to.u8(kAwareness);
  to.bytes(entries);
  out.add(Opcode::binary, message);
}

}  // namespace freshet::load
