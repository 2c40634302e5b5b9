// Root names, map keys and node names of a document, each stored once.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "items/flat_map.h"

namespace freshet::crdt {

class Names {
 public:
  explicit Names(uint64_t seed) : seed_(seed) {}

  uint32_t intern(std::string_view name);
  // kNil if the name was never interned.
  uint32_t find(std::string_view name) const;
  const std::string& operator[](uint32_t id) const { return names_[id]; }
  size_t memory_bytes() const;

 private:
  size_t slot_of(std::string_view name) const;
  void grow();

  uint64_t seed_;
  std::deque<std::string> names_;  // a deque, so that views of names stay valid
  std::vector<uint32_t> slots_;
};

}  // namespace freshet::crdt
