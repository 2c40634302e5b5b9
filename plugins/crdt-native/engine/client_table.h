// Client ids of the wire (53 bits) and their numbers inside (20 bits), in order of first mention.
#pragma once

#include <cstdint>
#include <vector>

#include "flat_map.h"
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
    return last_ = number;
  }

  // Forgets the clients interned last: a refused update leaves no trace.
  void truncate(uint32_t size) {
    while (ids_.size() > size) {
      numbers_.erase(ids_.back());
      ids_.pop_back();
    }
  }

  size_t memory_bytes() const {
    return numbers_.memory_bytes() + ids_.capacity() * sizeof(uint64_t);
  }

 private:
  std::vector<uint64_t> ids_;
  FlatMap numbers_;
  uint32_t last_ = 0;
};

}  // namespace freshet::crdt
