#include "core/live/rooms/watched_rooms.h"

#include "core/live/limits.h"
#include "freshet/sink.h"

namespace freshet {

void WatchedRooms::look_at(const std::string& room, const Viewer& viewer) {
  const auto [it, is_new] = watched_.try_emplace(room, rooms_.loop(), crdt_, room, tell_);
  Watched& watched = it->second;
  if (is_new) read_authors(room, watched.scope);
  watched.viewers.push_back(viewer);
  watched.scope.tell_again();
  look_once(watched.scope);
}

// Of a small one: it is read for them, once.
void WatchedRooms::read_authors(const std::string& room, RoomScope& scope) {
  const Room* loaded = rooms_.find_room(room);
  if (loaded == nullptr || loaded->residence().document() == nullptr) return;
  const History& history = loaded->residence().history();
  if (history.snapshot_bytes + history.log_bytes > kReadForAuthorsBytes) return;
  scope.note_authors_asked();
  store_.load(rooms_.loop().shard(), room, [this, room](Status status, const ReplyItems& items) {
    const auto it = watched_.find(room);
    if (status == Status::ok && it != watched_.end()) it->second.scope.note_stored_authors(items);
  });
}

void WatchedRooms::look_away(const std::string& room, const Viewer& viewer) {
  const auto it = watched_.find(room);
  if (it == watched_.end()) return;
  std::erase(it->second.viewers, viewer);
  if (!it->second.viewers.empty()) return;
  RoomScope::let_go(rooms_.find_room(room));
  watched_.erase(it);
}

void WatchedRooms::tell_again(const std::string& room) {
  const auto it = watched_.find(room);
  if (it != watched_.end()) it->second.scope.tell_again();
}

void WatchedRooms::look() {
  for (auto& [name, each] : watched_) look_once(each.scope);
}

// Without memory for a picture there is none this time: nobody else is to notice.
void WatchedRooms::look_once(RoomScope& scope) {
  static_cast<void>(if_memory([&] {
    scope.look(rooms_.find_room(scope.name()));
    return Status::ok;
  }));
}

}  // namespace freshet
