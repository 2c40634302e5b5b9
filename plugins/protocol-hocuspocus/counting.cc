#include "counting.h"

#include <algorithm>

#include "freshet/format/codec.h"
#include "limits.h"

namespace freshet::hocuspocus {
namespace {

// How far a state vector goes with a client.
uint64_t clock_of(Bytes state_vector, uint64_t client) {
  Reader in(state_vector);
  for (uint64_t left = in.varuint(); left != 0 && in.ok(); --left) {
    const uint64_t each = in.varuint();
    const uint64_t clock = in.varuint();
    if (each == client && in.ok()) return clock;
  }
  return 0;
}

}  // namespace

bool Counting::begin(Bytes state_vector) {
  const bool again =
      stage_ == Stage::begun && !line_.emptied && std::ranges::equal(state_vector, state_vector_);
  if (again) return false;
  stage_ = Stage::begun;
  state_vector_.assign(state_vector.begin(), state_vector.end());
  if (state_vector_.size() > kMaxVectorBytes) release_memory(state_vector_);
  return true;
}

void Counting::end() {
  if (stage_ == Stage::begun) stage_ = Stage::ended;
  release_memory(state_vector_);
}

void Counting::forget() {
  stage_ = Stage::none;
  release_memory(state_vector_);
}

// Of several clients' the first is looked at: a transaction is one client's.
bool Counting::counts(Bytes update, bool open) const {
  if (stage_ == Stage::none) return open;
  if (stage_ == Stage::ended || line_.emptied) return true;
  if (state_vector_.empty()) return false;  // it was too long
  Reader in(update);
  const uint64_t clients = in.varuint();
  if (clients == 0) return !line_.spoken;
  in.varuint();  // how many structs
  const uint64_t client = in.varuint();
  const uint64_t clock = in.varuint();
  return in.ok() && clock >= clock_of(state_vector_, client);
}

}  // namespace freshet::hocuspocus
