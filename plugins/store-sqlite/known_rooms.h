// plugins/store-sqlite/known_rooms.h: rooms that were read or written of late: the row of each and
// what has arrived of it (arrivals.h), so that nothing changes here when that moves.
//
// A busy room is appended to many times a second, and nobody else writes to the file. What is known
// is what is committed: whoever changes a row otherwise than by append() forgets it first.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "freshet/store.h"
#include "store-sqlite/limits.h"

namespace freshet::sqlite {

// A row of `rooms`, grown by what has arrived since. Id 0: not there yet.
struct Room {
  int64_t id = 0;
  freshet_epoch epoch{};
  uint64_t last_seq = 0;
  uint64_t snapshot_seq = 0;
  bool has_snapshot = false;
  int64_t snapshot_bytes = 0;
  int64_t log_bytes = 0;
  bool sound = true;  // the row makes sense

  bool holds_any() const { return has_snapshot || last_seq != 0; }
};

class KnownRooms {
 public:
  // Null: not known. Until the next call.
  const Room* find(std::string_view name) const {
    const auto it = rooms_.find(name);
    return it == rooms_.end() ? nullptr : &it->second;
  }
  void keep(std::string_view name, const Room& room) {
    if (rooms_.size() >= kMaxKnownRooms) rooms_.clear();
    rooms_.insert_or_assign(std::string(name), room);
  }
  // It was committed so. Needs no memory; one that is not known stays so.
  void update(std::string_view name, const Room& room) noexcept {
    if (const auto it = rooms_.find(name); it != rooms_.end()) it->second = room;
  }
  void forget(std::string_view name) {
    if (const auto it = rooms_.find(name); it != rooms_.end()) rooms_.erase(it);
  }
  void forget_all() { rooms_.clear(); }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };
  std::unordered_map<std::string, Room, Hash, std::equal_to<>> rooms_;
};

}  // namespace freshet::sqlite
