// Which item holds a clock of one client: chunks of at most 256 (clock, item) pairs in clock order,
// found by binary search over the chunks' first clocks, with a cursor for runs of near finds.
//
// A chunk also carries the encoded bytes of its structs, made at the first full encode and kept
// until one of its items changes in a way the wire can see (neighbour links are not on the wire).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace freshet::crdt {

struct Position {
  uint32_t chunk = 0;
  uint32_t at = 0;
};

struct Chunk {
  static constexpr uint16_t kCapacity = 256;

  explicit Chunk(uint16_t capacity);
  uint32_t* clocks() { return pairs.get(); }
  const uint32_t* clocks() const { return pairs.get(); }
  uint32_t* items() { return pairs.get() + capacity; }
  const uint32_t* items() const { return pairs.get() + capacity; }
  void grow();

  uint32_t first = 0;  // clocks()[0], here so that the search stays within the directory
  uint16_t count = 0;
  uint16_t capacity;
  bool dirty = true;
  std::unique_ptr<uint32_t[]> pairs;  // `capacity` clocks, then `capacity` items
  std::vector<uint8_t> encoded;
};

class ClockIndex {
 public:
  std::vector<Chunk>& chunks() { return chunks_; }
  const std::vector<Chunk>& chunks() const { return chunks_; }

  // REQUIRES: the clock is covered by an item of this client.
  Position find(uint32_t clock) const;

  uint32_t item(Position at) const { return chunks_[at.chunk].items()[at.at]; }
  Position last() const {
    return {static_cast<uint32_t>(chunks_.size() - 1), chunks_.back().count - 1u};
  }

  // Items from there to the end.
  size_t count_from(Position at) const {
    size_t count = chunks_[at.chunk].count - at.at;
    for (size_t i = at.chunk + 1; i < chunks_.size(); ++i) count += chunks_[i].count;
    return count;
  }

  // False at the end (start); the position is then unusable.
  bool next(Position& at) const {
    if (++at.at < chunks_[at.chunk].count) return true;
    at.at = 0;
    return ++at.chunk < chunks_.size();
  }
  bool previous(Position& at) const {
    if (at.at > 0) return --at.at, true;
    if (at.chunk == 0) return false;
    at.at = chunks_[--at.chunk].count - 1u;
    return true;
  }

  void push(uint32_t clock, uint32_t item);
  void insert_after(Position at, uint32_t clock, uint32_t item);
  void erase(Position at);

  // The item at `at` now starts at `clock`; the order stays.
  void set_clock(Position at, uint32_t clock) {
    Chunk& chunk = chunks_[at.chunk];
    chunk.clocks()[at.at] = clock;
    if (at.at == 0) chunk.first = clock;
    chunk.dirty = true;
  }
  void touch(Position at) { chunks_[at.chunk].dirty = true; }
  void touch_last() { chunks_.back().dirty = true; }

  size_t memory_bytes() const;

 private:
  std::vector<Chunk> chunks_;
  mutable uint32_t cursor_ = 0;
};

}  // namespace freshet::crdt
