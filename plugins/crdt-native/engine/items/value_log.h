// The contents of one client that are not text: one span of wire bytes for each unit, append-only,
// in clock order. Values stay encoded until somebody reads them.
#pragma once

#include <cstdint>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::crdt {

class ValueLog {
 public:
  uint32_t count() const { return static_cast<uint32_t>(starts_.size()); }

  // Takes a copy.
  void append(Bytes value) {
    starts_.push_back(static_cast<uint32_t>(bytes_.size()));
    bytes_.insert(bytes_.end(), value.begin(), value.end());
  }

  // The bytes of `count` values from `first`, which lie next to each other.
  Bytes span(uint32_t first, uint32_t count) const {
    const size_t from = starts_[first];
    const size_t next = size_t{first} + count;
    const size_t to = next < starts_.size() ? starts_[next] : bytes_.size();
    return {bytes_.data() + from, to - from};
  }

  size_t bytes() const { return bytes_.size(); }
  // What the log, or some values in it, take here.
  size_t log_bytes() const { return bytes_.size() + starts_.size() * sizeof(uint32_t); }
  size_t log_bytes(uint32_t first, uint32_t count) const {
    return span(first, count).size() + count * sizeof(uint32_t);
  }
  size_t memory_bytes() const { return bytes_.capacity() + starts_.capacity() * sizeof(uint32_t); }

 private:
  std::vector<uint8_t> bytes_;
  std::vector<uint32_t> starts_;
};

}  // namespace freshet::crdt
