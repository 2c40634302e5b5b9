// core/live/rooms/rooms_view.h: the list of rooms as one looker follows it: what it asks for, and
// what the loops have found of it so far.
//
// Lives on the looker's loop, owned by it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "core/live/rooms/ranking.h"
#include "core/live/turn.h"

namespace freshet {

class RoomsView {
 public:
  // From now on; nothing: no list any more.
  void follow(std::optional<RoomsQuery> query);

  // The loops are to be asked.
  bool is_due(uint64_t now_ms) const {
    return query_ && !found_ && turn_.is_due(now_ms, kRoomsEveryMs);
  }
  // They are asked this, all of them. REQUIRES: is_due().
  const RoomsQuery& begin(uint64_t now_ms);
  // What one of `loops` has found. The whole list; nothing: others have not answered yet, or the
  // looker has asked for another meanwhile.
  std::optional<Ranking> take_in(Ranking found, size_t loops);

 private:
  std::optional<RoomsQuery> query_;
  bool changed_ = false;  // since the loops were asked
  std::optional<Ranking> found_;
  size_t found_from_ = 0;  // so many loops
  Turn turn_;
};

// As lookers are told.
nlohmann::json rooms_picture(Ranking found);

}  // namespace freshet
