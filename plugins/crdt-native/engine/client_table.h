// Client ids of the wire (53 bits) and their numbers inside (20 bits), in order of first mention.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "flat_map.h"
#include "freshet/bytes.h"
#include "freshet/crdt/limits.h"
#include "ids.h"

namespace freshet::crdt {

class ClientTable {
 public:
  explicit ClientTable(uint64_t seed) : numbers_(seed) {}

  uint32_t size() const { return static_cast<uint32_t>(ids_.size()); }
  uint64_t id(uint32_t number) const { return ids_[number]; }

  // kNoClient if unknown.
  uint32_t find(uint64_t id) const {
    if (last_ < ids_.size() && ids_[last_] == id) return last_;
    const uint32_t number = numbers_.find(id);
    return number == kNil ? kNoClient : number;
  }

  // kNoClient if the table is full.
  uint32_t intern(uint64_t id) {
    if (last_ < ids_.size() && ids_[last_] == id) [[likely]]
      return last_;
    uint32_t number = numbers_.find(id);
    if (number == kNil) {
      if (ids_.size() >= kMaxClients) return kNoClient;
      number = static_cast<uint32_t>(ids_.size());
      numbers_.insert(id, number);
      ids_.push_back(id);
    }
    remember(number);
    return number;
  }

  // The client written at `at`, if it is the one interned last: its encoded size, else 0. Most
  // updates name one client again and again, and comparing eight bytes is quicker than decoding.
  size_t last_written_at(Bytes at) const {
    uint64_t word = 0;
    if (at.size() < sizeof(word)) return 0;
    std::memcpy(&word, at.data(), sizeof(word));
    return (word & last_mask_) == last_word_ ? last_size_ : 0;
  }
  uint32_t last() const { return last_; }

  // Forgets the clients interned last: a refused update leaves no trace.
  void truncate(uint32_t size) {
    while (ids_.size() > size) {
      numbers_.erase(ids_.back());
      ids_.pop_back();
    }
    if (last_ >= size) last_size_ = last_mask_ = 0, last_word_ = 1;
  }

  size_t memory_bytes() const {
    return numbers_.memory_bytes() + ids_.capacity() * sizeof(uint64_t);
  }

 private:
  void remember(uint32_t number) {
    last_ = number;
    last_word_ = last_size_ = 0;
    for (uint64_t rest = ids_[number];; rest >>= 7) {
      const uint64_t byte = rest > 0x7f ? (rest & 0x7f) | 0x80 : rest;
      last_word_ |= byte << (8 * last_size_++);
      if (rest <= 0x7f) break;
    }
    last_mask_ = ~uint64_t{0} >> (64 - 8 * last_size_);
    // The bytes are compared as they lie in memory.
    static_assert(std::endian::native == std::endian::little);
  }

  std::vector<uint64_t> ids_;
  FlatMap numbers_;
  uint32_t last_ = 0;
  // No number is encoded as 1 under the mask 0.
  uint64_t last_word_ = 1;
  uint64_t last_mask_ = 0;
  size_t last_size_ = 0;
};

}  // namespace freshet::crdt
