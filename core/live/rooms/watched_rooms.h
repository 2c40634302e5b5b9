// core/live/rooms/watched_rooms.h: the rooms of one loop that somebody looks at closely, and who
// does.
//
// Lives on that loop. Owns the scopes of those rooms; lookers may be on any loop.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/live/rooms/room_scope.h"
#include "core/shards/shard.h"
#include "core/store/store_queue.h"

namespace freshet {

class WatchedRooms {
 public:
  struct Viewer {
    uint32_t loop;    // of its connection
    uint64_t looker;  // there

    bool operator==(const Viewer&) const = default;
  };
  using Tell = std::function<void(const Viewer& viewer, const std::string& text)>;

  // All outlive it.
  WatchedRooms(Shard& rooms, const freshet_crdt& crdt, StoreQueue& store, Tell tell)
      : rooms_(rooms), crdt_(crdt), store_(store), tell_(std::move(tell)) {}
  WatchedRooms(const WatchedRooms&) = delete;
  WatchedRooms& operator=(const WatchedRooms&) = delete;

  bool empty() const { return watched_.empty(); }
  // Who comes is told all of the room, at once. It may be in memory only later.
  void look_at(const std::string& room, const Viewer& viewer);
  void look_away(const std::string& room, const Viewer& viewer);
  // All of it once more, with the next look: somebody has missed some.
  void tell_again(const std::string& room);
  // At each room. Often: what has changed is told, and at times.
  void look();

 private:
  struct Watched {
    Watched(const Loop& loop, const freshet_crdt& crdt, const std::string& room, const Tell& tell)
        : scope(loop, crdt, room, [this, &tell](const std::string& text) {
            for (const Viewer& each : viewers) tell(each, text);
          }) {}

    std::vector<Viewer> viewers;
    RoomScope scope;
  };

  void look_once(RoomScope& scope);
  void read_authors(const std::string& room, RoomScope& scope);

  Shard& rooms_;
  const freshet_crdt& crdt_;
  StoreQueue& store_;
  const Tell tell_;
  std::map<std::string, Watched> watched_;
};

}  // namespace freshet
