// core/shards/least_used.h: rooms whose documents could leave memory now, the least used first.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/rooms/room.h"

namespace freshet {

// Made in one go, used in the same turn: of many that are idle few leave, so they are not sorted.
class LeastUsed {
 public:
  // People are in the room, and have left its document alone for so long: it may go. What is edited
  // now and then would be back at once.
  static constexpr uint64_t kIdleMs = 10'000;

  void add(Room& room) {
    const Residence& residence = room.residence();
    const bool idle = room.quiet() || residence.may_let_go(kIdleMs);
    if (idle && residence.document() != nullptr) idle_.emplace_back(residence.touched_ms(), &room);
  }
  void order() { std::ranges::make_heap(idle_, kLater); }
  // Null: no more. REQUIRES: order() after the last add().
  Room* take() {
    if (idle_.empty()) return nullptr;
    std::ranges::pop_heap(idle_, kLater);
    Room* const room = idle_.back().second;
    idle_.pop_back();
    return room;
  }

 private:
  using Idle = std::pair<uint64_t, Room*>;
  static constexpr auto kLater = [](const Idle& a, const Idle& b) { return a.first > b.first; };

  std::vector<Idle> idle_;
};

}  // namespace freshet
