// core/shards/shards.h: which shard a room lives on, and what else lives there.
//
// An index, complete before the server runs and the same for all; whoever made what is in it owns
// it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace freshet {

class Drain;
class Links;
class Shard;

class Shards {
 public:
  // What lives on one event loop.
  struct Each {
    Shard& rooms;
    Links& links;
    Drain& drain;
  };

  Shards() = default;
  Shards(const Shards&) = delete;
  Shards& operator=(const Shards&) = delete;

  // How many will be added. [main]
  void expect(size_t count) { count_ = count; }
  void add(const Each& each) { all_.push_back(each); }  // in order. [main]

  // From here on. [any]
  size_t count() const { return count_; }  // before all have been added, too
  const Each& at(size_t index) const { return all_[index]; }
  size_t number_of(std::string_view room) const { return hash(room) % count_; }
  const Each& of(std::string_view room) const { return all_[number_of(room)]; }

 private:
  // FNV-1a: rooms are spread, and a room finds its shard again.
  static uint64_t hash(std::string_view text) {
    uint64_t h = 0xcbf29ce484222325u;
    for (const char c : text) h = (h ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
    return h ^ (h >> 32);
  }

  size_t count_ = 0;
  std::vector<Each> all_;
};

}  // namespace freshet
