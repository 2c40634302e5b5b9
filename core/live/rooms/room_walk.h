// core/live/rooms/room_walk.h: one walk over all rooms of a loop, to find the first of them in some
// order: so many a turn of the loop, which others have turns between.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "core/live/rooms/ranking.h"
#include "core/shards/shard.h"

namespace freshet {

class RoomWalk {
 public:
  // Called on that loop, once it has seen them all.
  using Done = std::function<void(Ranking)>;
  // `rooms` outlives the walk, which owns itself. [rooms' loop]
  static void begin(Shard& rooms, RoomsQuery query, Done done);

 private:
  RoomWalk(Shard& rooms, RoomsQuery query, Done done)
      : rooms_(rooms), found_(std::move(query)), done_(std::move(done)) {}
  static void go_on(std::unique_ptr<RoomWalk> walk);
  void take_turn();

  Shard& rooms_;
  Ranking found_;
  const Done done_;
  size_t at_ = 0;  // where the next turn begins; 0: there is none
};

}  // namespace freshet
