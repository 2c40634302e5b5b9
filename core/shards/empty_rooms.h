// core/shards/empty_rooms.h: the rooms of one shard that nobody is in, by when they were last used.
#pragma once

#include <algorithm>
#include <cstddef>
#include <list>
#include <unordered_map>

#include "core/rooms/room.h"

namespace freshet {

class EmptyRooms {
 public:
  // It was used just now, and nobody is in it.
  void add(Room& room) {
    remove(room);
    at_.emplace(&room, rooms_.insert(rooms_.end(), &room));
  }
  // Somebody is, or it leaves memory.
  void remove(const Room& room) {
    const auto it = at_.find(&room);
    if (it == at_.end()) return;
    rooms_.erase(it->second);
    at_.erase(it);
  }
  // Of those that may leave memory the least recently used. Null: there is none among the first.
  Room* least_used() const {
    size_t looked = 0;
    for (Room* room : rooms_) {
      if (room->quiet()) return room;
      if (++looked == kLook) break;
    }
    return nullptr;
  }

 private:
  // Those that may not have something unsaved: where the store takes nothing that is all of them.
  static constexpr size_t kLook = 64;

  std::list<Room*> rooms_;  // least recently used first
  std::unordered_map<const Room*, std::list<Room*>::iterator> at_;
};

}  // namespace freshet
