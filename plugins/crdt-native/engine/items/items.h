// The item: one run of content, and the arena that holds all items of a document.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "items/ids.h"

namespace freshet::crdt {

// 40 bytes without a pointer, so that an arena can be copied or mapped as it is.
//
// A garbage-collected struct is an Item of kind gc: it has a clock range and nothing else.
struct Item {
  uint64_t client : 20 = kNoClient;
  uint64_t origin_client : 20 = kNoClient;
  uint64_t right_client : 20 = kNoClient;
  uint64_t kind_bits : 4 = 0;

  // The list it is linked in; a list stands for (parent type, key or none).
  uint32_t list : 28 = kNoList;
  uint32_t deleted : 1 = 0;
  // Its list is the chain of a map key.
  uint32_t keyed : 1 = 0;
  // Not to be collected: somebody may undo its deletion.
  uint32_t kept : 1 = 0;
  // It came with its right origin before its origin, which no honest client writes, and lies left
  // of both: every scan ends here.
  uint32_t backward : 1 = 0;

  uint32_t clock = 0;
  uint32_t len = 0;  // clock ticks: UTF-16 units of text, elements of values
  uint32_t origin_clock = 0;
  uint32_t right_clock = 0;

  // Neighbours in the list, arena numbers.
  uint32_t left = kNil;
  uint32_t right = kNil;

  // string: unit in the client's text log; type: number of the type; else: value number.
  uint32_t content = 0;

  Kind kind() const { return static_cast<Kind>(kind_bits); }
  void set_kind(Kind kind) { kind_bits = static_cast<uint64_t>(kind) & 0xf; }
  uint32_t end() const { return clock + len; }
  Id id() const { return {static_cast<uint32_t>(client), clock}; }
  Id last_id() const { return {static_cast<uint32_t>(client), clock + len - 1}; }
  Id origin() const { return {static_cast<uint32_t>(origin_client), origin_clock}; }
  Id right_origin() const { return {static_cast<uint32_t>(right_client), right_clock}; }
  void set_origin(Id id) {
    origin_client = id.client & kNoClient;
    origin_clock = id.clock;
  }
  void set_right_origin(Id id) {
    right_client = id.client & kNoClient;
    right_clock = id.clock;
  }
  bool covers(Id id) const { return client == id.client && id.clock - clock < len; }
};
static_assert(sizeof(Item) == 40);

// Items by number. Chunks of 1,024; the first chunk starts small and is moved as it grows, so a
// small document costs little and an allocation may invalidate references (never numbers).
class Items {
 public:
  Item& operator[](uint32_t index) { return chunks_[index >> kShift][index & kMask]; }
  const Item& operator[](uint32_t index) const { return chunks_[index >> kShift][index & kMask]; }

  uint32_t allocate() {
    if (!free_.empty()) {
      const uint32_t index = free_.back();
      free_.pop_back();
      return index;
    }
    if (size_ == capacity_) grow();
    return size_++;
  }
  void release(uint32_t index) { free_.push_back(index); }

  // One past the largest number ever given out.
  uint32_t bound() const { return size_; }
  size_t live() const { return size_ - free_.size(); }
  size_t memory_bytes() const {
    return capacity_ * sizeof(Item) + free_.capacity() * sizeof(uint32_t);
  }

 private:
  static constexpr uint32_t kShift = 10;
  static constexpr uint32_t kChunk = 1u << kShift;
  static constexpr uint32_t kMask = kChunk - 1;
  static constexpr uint32_t kFirst = 4;

  void grow() {
    if (capacity_ >= kChunk) {
      chunks_.push_back(std::make_unique_for_overwrite<Item[]>(kChunk));
      capacity_ += kChunk;
      return;
    }
    const uint32_t capacity = std::min(kChunk, std::max(kFirst, capacity_ * 4));
    auto bigger = std::make_unique_for_overwrite<Item[]>(capacity);
    if (!chunks_.empty()) std::copy_n(chunks_[0].get(), size_, bigger.get());
    chunks_.resize(1);
    chunks_[0] = std::move(bigger);
    capacity_ = capacity;
  }

  std::vector<std::unique_ptr<Item[]>> chunks_;
  std::vector<uint32_t> free_;
  uint32_t size_ = 0;
  uint32_t capacity_ = 0;
};

}  // namespace freshet::crdt
