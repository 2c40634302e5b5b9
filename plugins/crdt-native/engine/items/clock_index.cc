#include "items/clock_index.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace freshet::crdt {

namespace {

// The last of `count` ascending clocks that is not above `clock`. REQUIRES: the first is not above
// it.
uint32_t last_not_above(const uint32_t* clocks, uint32_t count, uint32_t clock) {
  // The clock at `guess` or one before it: each item is at least one unit long, and in lists of
  // values, or text written in random places, just one.
  const uint32_t guess = std::min(count - 1, clock - clocks[0]);
  if (clocks[guess] <= clock) return guess;
  count = guess;
  uint32_t low = 0;
  while (count > 1) {
    const uint32_t half = count / 2;
    low += clocks[low + half] <= clock ? half : 0;
    count -= half;
  }
  return low;
}

}  // namespace

Chunk::Chunk(uint16_t room)
    : capacity(room), pairs(std::make_unique_for_overwrite<uint32_t[]>(size_t{room} * 2)) {}

void Chunk::grow() {
  const auto room = static_cast<uint16_t>(std::min<int>(kCapacity, capacity * 4));
  auto bigger = std::make_unique_for_overwrite<uint32_t[]>(size_t{room} * 2);
  std::copy_n(clocks(), count, bigger.get());
  std::copy_n(items(), count, bigger.get() + room);
  pairs = std::move(bigger);
  capacity = room;
}

Position ClockIndex::find(uint32_t clock) const {
  uint32_t chunk = cursor_;
  const auto size = static_cast<uint32_t>(chunks_.size());
  const bool near = chunk < size && chunks_[chunk].first <= clock &&
                    (chunk + 1 == size || clock < chunks_[chunk + 1].first);
  if (!near) {
    chunk = 0;
    for (uint32_t count = size; count > 1;) {
      const uint32_t half = count / 2;
      chunk += chunks_[chunk + half].first <= clock ? half : 0;
      count -= half;
    }
    cursor_ = chunk;
  }
  return {chunk, last_not_above(chunks_[chunk].clocks(), chunks_[chunk].count, clock)};
}

void ClockIndex::push(uint32_t clock, uint32_t item) {
  if (!chunks_.empty()) return insert_after(last(), clock, item);
  Chunk& chunk = chunks_.emplace_back(uint16_t{2});
  chunk.first = clock;
  chunk.count = 1;
  chunk.clocks()[0] = clock;
  chunk.items()[0] = item;
}

void ClockIndex::insert_after(Position after, uint32_t clock, uint32_t item) {
  uint32_t number = after.chunk;
  uint32_t at = after.at + 1;
  Chunk* chunk = &chunks_[number];
  if (chunk->count == chunk->capacity) {
    if (chunk->capacity < Chunk::kCapacity) {
      chunk->grow();
    } else {
      // Appending keeps full chunks full; inserting halves them.
      const bool append = number + 1 == chunks_.size() && at == chunk->count;
      const uint16_t keep = append ? Chunk::kCapacity : Chunk::kCapacity / 2;
      Chunk fresh(append ? uint16_t{32} : Chunk::kCapacity);
      fresh.count = static_cast<uint16_t>(chunk->count - keep);
      std::copy_n(chunk->clocks() + keep, fresh.count, fresh.clocks());
      std::copy_n(chunk->items() + keep, fresh.count, fresh.items());
      fresh.first = fresh.count > 0 ? fresh.clocks()[0] : clock;
      chunk->count = keep;
      chunk->dirty = true;
      chunks_.insert(chunks_.begin() + number + 1, std::move(fresh));
      if (at > keep || append) {
        at -= keep;
        ++number;
        cursor_ = number;
      }
      chunk = &chunks_[number];
    }
  }
  uint32_t* clocks = chunk->clocks();
  uint32_t* items = chunk->items();
  const size_t behind = chunk->count - at;
  std::memmove(clocks + at + 1, clocks + at, behind * sizeof(uint32_t));
  std::memmove(items + at + 1, items + at, behind * sizeof(uint32_t));
  clocks[at] = clock;
  items[at] = item;
  if (at == 0) chunk->first = clock;
  ++chunk->count;
  chunk->dirty = true;
}

void ClockIndex::erase(Position at) {
  Chunk& chunk = chunks_[at.chunk];
  const size_t behind = chunk.count - at.at - 1;
  std::memmove(chunk.clocks() + at.at, chunk.clocks() + at.at + 1, behind * sizeof(uint32_t));
  std::memmove(chunk.items() + at.at, chunk.items() + at.at + 1, behind * sizeof(uint32_t));
  --chunk.count;
  chunk.dirty = true;
  if (chunk.count == 0) {
    chunks_.erase(chunks_.begin() + at.chunk);
    cursor_ = 0;
  } else if (at.at == 0) {
    chunk.first = chunk.clocks()[0];
  }
}

size_t ClockIndex::memory_bytes() const {
  size_t bytes = chunks_.capacity() * sizeof(Chunk);
  for (const Chunk& chunk : chunks_) {
    bytes += size_t{chunk.capacity} * 2 * sizeof(uint32_t) + chunk.encoded.capacity();
  }
  return bytes;
}

}  // namespace freshet::crdt
