// Client ids of the wire (53 bits) and their numbers inside (20 bits), in order of first mention.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "freshet/bytes.h"
#include "freshet/crdt/limits.h"
#include "items/flat_map.h"
#include "items/ids.h"

namespace freshet::crdt {

class ClientTable {
 public:
  explicit ClientTable(uint64_t seed) : numbers_(seed) {}

  uint32_t size() const { return static_cast<uint32_t>(ids_.size()); }
  uint64_t id(uint32_t number) const { return ids_[number]; }

  // The order of every encoding: by descending id.
  bool precedes(uint32_t a, uint32_t b) const { return ids_[a] > ids_[b]; }
  void put_in_order(std::vector<uint32_t>& numbers) const {
    std::sort(numbers.begin(), numbers.end(),
              [this](uint32_t a, uint32_t b) { return precedes(a, b); });
  }

  // kNoClient if unknown.
  uint32_t find(uint64_t id) const {
    if (const Seen& seen = seen_[id % kSeen]; seen.size > 0 && ids_[seen.number] == id) {
      return seen.number;
    }
    const uint32_t number = numbers_.find(id);
    return number == kNil ? kNoClient : number;
  }

  // kNoClient if the table is full.
  uint32_t intern(uint64_t id) {
    if (const Seen& seen = seen_[id % kSeen]; seen.size > 0 && ids_[seen.number] == id) {
      return seen.number;
    }
    uint32_t number = numbers_.find(id);
    if (number == kNil) {
      if (ids_.size() >= kMaxClients) return kNoClient;
      number = static_cast<uint32_t>(ids_.size());
      ids_.push_back(id);  // if memory runs out between the two, truncate() mends it
      numbers_.insert(id, number);
    }
    remember(number);
    return number;
  }

  // The client written at `at` and the size of that, which is 0 unless it is one of the few that
  // were interned lately. Most updates name the same ones again and again, and comparing eight
  // bytes is quicker than decoding.
  struct Written {
    uint32_t number;
    uint32_t size;
  };
  Written written_at(Bytes at) const {
    uint64_t word = 0;
    if (at.size() < sizeof(word)) return {kNoClient, 0};
    std::memcpy(&word, at.data(), sizeof(word));
    const Seen& seen = seen_[word % kSeen];
    return {seen.number, (word & seen.mask) == seen.word ? seen.size : 0};
  }

  // Forgets the clients interned last: a refused update leaves no trace.
  void truncate(uint32_t size) {
    while (ids_.size() > size) {
      numbers_.erase(ids_.back());
      ids_.pop_back();
    }
    for (Seen& seen : seen_) {
      if (seen.number >= size) seen = Seen{};
    }
  }

  size_t memory_bytes() const {
    return numbers_.memory_bytes() + ids_.capacity() * sizeof(uint64_t);
  }

 private:
  // An id as it is encoded, to be found by the low bits it shares with its first byte.
  struct Seen {
    uint64_t word = 1;  // no number is encoded as 1 under the mask 0
    uint64_t mask = 0;
    uint32_t number = kNoClient;
    uint32_t size = 0;
  };
  static constexpr size_t kSeen = 4;

  void remember(uint32_t number) {
    Seen& seen = seen_[ids_[number] % kSeen];
    seen = {.word = 0, .mask = 0, .number = number, .size = 0};
    for (uint64_t rest = ids_[number];; rest >>= 7) {
      const uint64_t byte = rest > 0x7f ? (rest & 0x7f) | 0x80 : rest;
      seen.word |= byte << (8 * seen.size++);
      if (rest <= 0x7f) break;
    }
    seen.mask = ~uint64_t{0} >> (64 - 8 * seen.size);
    // The bytes are compared as they lie in memory.
    static_assert(std::endian::native == std::endian::little);
  }

  std::vector<uint64_t> ids_;
  FlatMap numbers_;
  Seen seen_[kSeen];
};

}  // namespace freshet::crdt
