// sync.h: the messages of y-protocols' sync.js, which two wires carry.
//
//   varuint 0 step1, bytes(state vector) | 1 step2, bytes(update) | 2 update, bytes(update)
#pragma once

#include "freshet/format/codec.h"
#include "wire.h"

namespace freshet::load {

enum class SyncPart : uint8_t { step1 = 0, step2 = 1, update = 2 };

// Word::broken if it is none.
inline Heard read_sync(Reader& in) {
  const uint64_t part = in.varuint();
  const Bytes body = in.bytes();
  if (!in.ok() || part > 2) return {.word = Word::broken};
  constexpr Word kWords[] = {Word::asked, Word::state, Word::update};
  return {.word = kWords[part], .body = body};
}

inline void write_sync(Writer& to, SyncPart part, Bytes body) {
  to.u8(static_cast<uint8_t>(part));
  to.bytes(body);
}

// An empty state vector: "I have nothing"; and the update that adds nothing.
inline constexpr uint8_t kEmptyVector[] = {0};
inline constexpr uint8_t kEmptyUpdate[] = {0, 0};

inline Bytes document_of(const Person& who) {
  return who.document.empty() ? Bytes(kEmptyUpdate) : Bytes(who.document);
}

}  // namespace freshet::load
