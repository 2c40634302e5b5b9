// core/live/rooms/ranking.h: the first of many rooms in some order, found in one walk over them
// all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/live/request.h"
#include "core/sharing/room_state.h"

namespace freshet {

struct RoomRow {
  std::string name;
  RoomState state;
  uint64_t people, shown, bytes, unsaved_bytes, unsaved_ms, lagging, idle_ms;
};

// Keeps as many as are asked for, and counts the others.
class Ranking {
 public:
  explicit Ranking(RoomsQuery query) : query_(std::move(query)) {}

  bool matches(std::string_view name) const {
    return query_.search.empty() || name.find(query_.search) != std::string_view::npos;
  }
  void note_other() { ++open_; }  // one that does not match
  void note(RoomRow row);         // one that does
  // What another of the same query has found, of other rooms.
  void take_in(Ranking other);

  const RoomsQuery& query() const { return query_; }
  uint64_t open() const { return open_; }
  uint64_t matched() const { return matched_; }
  std::vector<RoomRow> in_order() &&;

 private:
  bool before(const RoomRow& a, const RoomRow& b) const;
  void keep(RoomRow row);

  RoomsQuery query_;
  uint64_t open_ = 0, matched_ = 0;
  std::vector<RoomRow> kept_;  // a heap, the last of them in front
};

}  // namespace freshet
