#include "core/live/rooms/room_walk.h"

#include <algorithm>
#include <utility>

#include "core/live/limits.h"

namespace freshet {
namespace {

RoomRow row_of(Room& room, uint64_t now_ms) {
  const Saved::Unsaved unsaved = room.residence().saved().unsaved();
  const auto lagging = std::ranges::count_if(room.inside().members.all(),
                                             [](const Member* member) { return member->lagging; });
  return {.name = room.name(),
          .state = room.state(),
          .people = room.inside().members.size(),
          .shown = room.inside().presence.size(),
          .bytes = room.residence().stats().memory_bytes,
          .unsaved_bytes = unsaved.bytes,
          .unsaved_ms = unsaved.updates == 0 ? 0 : now_ms - std::min(now_ms, unsaved.since_ms),
          .lagging = static_cast<uint64_t>(lagging),
          .idle_ms = now_ms - std::min(now_ms, room.residence().touched_ms())};
}

}  // namespace

void RoomWalk::begin(Shard& rooms, RoomsQuery query, Done done) {
  go_on(std::unique_ptr<RoomWalk>(new RoomWalk(rooms, std::move(query), std::move(done))));
}

void RoomWalk::go_on(std::unique_ptr<RoomWalk> walk) {
  walk->take_turn();
  if (walk->at_ == 0) return walk->done_(std::move(walk->found_));
  const Loop& loop = walk->rooms_.loop();
  loop.post([rest = std::move(walk)]() mutable { go_on(std::move(rest)); });
}

void RoomWalk::take_turn() {
  const uint64_t now_ms = rooms_.loop().now_ms();
  const auto look = [&](Room& room) {
    found_.matches(room.name()) ? found_.note(row_of(room, now_ms)) : found_.note_other();
  };
  at_ = rooms_.each_room(look, at_, kRoomsATurn);
}

}  // namespace freshet
