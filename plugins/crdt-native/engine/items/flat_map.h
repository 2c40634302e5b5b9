// A small open-addressing map from 64-bit keys to 32-bit numbers.
//
// Keys come from peers, so the hash is seeded: nobody can aim at one bucket without knowing where
// this process put the document. Nothing ever depends on the order of the slots.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "items/ids.h"

namespace freshet::crdt {

inline uint64_t mix(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// Seeds differ from table to table and, by address randomisation, from run to run.
inline uint64_t seed_for(const void* where) {
  return mix(static_cast<uint64_t>(reinterpret_cast<uintptr_t>(where)), 0x8ebc6af09c88c6e3u);
}

class FlatMap {
 public:
  explicit FlatMap(uint64_t seed) : seed_(seed) {}

  // kNil if absent.
  uint32_t find(uint64_t key) const {
    if (slots_.empty()) return kNil;
    for (size_t at = home(key);; at = (at + 1) & mask()) {
      if (slots_[at].value == kNil || slots_[at].key == key) return slots_[at].value;
    }
  }

  // REQUIRES: the key is absent; value is not kNil.
  void insert(uint64_t key, uint32_t value) {
    if (slots_.size() < 2 * (count_ + 1)) grow();
    put({key, value});
    ++count_;
  }

  void erase(uint64_t key) {
    if (slots_.empty()) return;
    size_t hole = home(key);
    while (slots_[hole].value != kNil && slots_[hole].key != key) hole = (hole + 1) & mask();
    if (slots_[hole].value == kNil) return;
    // Entries after the hole move up unless they would pass their home.
    for (size_t at = (hole + 1) & mask(); slots_[at].value != kNil; at = (at + 1) & mask()) {
      const size_t distance = (at - home(slots_[at].key)) & mask();
      if (distance >= ((at - hole) & mask())) {
        slots_[hole] = slots_[at];
        hole = at;
      }
    }
    slots_[hole].value = kNil;
    --count_;
  }

  size_t memory_bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    uint64_t key = 0;
    uint32_t value = kNil;
  };

  size_t mask() const { return slots_.size() - 1; }
  size_t home(uint64_t key) const {
    return static_cast<size_t>(mix(key ^ seed_, 0x9e3779b97f4a7c15u)) & mask();
  }
  void put(Slot slot) {
    size_t at = home(slot.key);
    while (slots_[at].value != kNil) at = (at + 1) & mask();
    slots_[at] = slot;
  }
  void grow() {
    std::vector<Slot> old(slots_.empty() ? 4 : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.value != kNil) put(slot);
    }
  }

  uint64_t seed_;
  size_t count_ = 0;
  std::vector<Slot> slots_;
};

}  // namespace freshet::crdt
