#include "items/names.h"

#include <cstring>

namespace freshet::crdt {

namespace {

uint64_t hash(std::string_view name, uint64_t seed) {
  uint64_t state = seed ^ mix(name.size() + 1, 0xa0761d6478bd642fu);
  for (size_t at = 0; at < name.size(); at += 8) {
    uint64_t word = 0;
    std::memcpy(&word, name.data() + at, std::min<size_t>(8, name.size() - at));
    state = mix(state ^ word, 0xe7037ed1a0b428dbu ^ seed);
  }
  return state;
}

}  // namespace

size_t Names::slot_of(std::string_view name) const {
  const size_t mask = slots_.size() - 1;
  size_t at = static_cast<size_t>(hash(name, seed_)) & mask;
  while (slots_[at] != kNil && names_[slots_[at]] != name) at = (at + 1) & mask;
  return at;
}

uint32_t Names::find(std::string_view name) const {
  return slots_.empty() ? kNil : slots_[slot_of(name)];
}

uint32_t Names::intern(std::string_view name) {
  if (slots_.size() < 2 * (names_.size() + 1)) grow();
  const size_t at = slot_of(name);
  if (slots_[at] == kNil) {
    slots_[at] = static_cast<uint32_t>(names_.size());
    names_.emplace_back(name);
  }
  return slots_[at];
}

void Names::grow() {
  slots_.assign(slots_.empty() ? 8 : slots_.size() * 2, kNil);
  for (uint32_t id = 0; id < names_.size(); ++id) slots_[slot_of(names_[id])] = id;
}

size_t Names::memory_bytes() const {
  size_t bytes = slots_.capacity() * sizeof(uint32_t);
  for (const std::string& name : names_) bytes += sizeof(name) + name.capacity();
  return bytes;
}

}  // namespace freshet::crdt
