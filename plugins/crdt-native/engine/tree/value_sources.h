// Format values that are objects are the same for Yjs if they are one object in its memory: where a
// local edit has put the value of one Format item into another. Identified by the first item.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "items/ids.h"

namespace freshet::crdt {

inline constexpr uint64_t kNoSource = ~uint64_t{0};

class ValueSources {
 public:
  uint64_t of(Id id) const {
    const auto it = sources_.find(id_key(id));
    return it == sources_.end() ? id_key(id) : it->second;
  }
  void share(Id id, uint64_t source) { sources_.emplace(id_key(id), source); }

 private:
  std::unordered_map<IdKey, uint64_t> sources_;
};

}  // namespace freshet::crdt
