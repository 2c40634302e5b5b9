// core/live/rooms/room_scope.h: one room that somebody looks at.
//
// Lives on the room's shard, longer than the room: that may be opened only later, or leave memory
// and come back.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/audience/room_watch.h"
#include "core/live/rooms/unsaved_of.h"
#include "core/rates/throttle.h"
#include "core/rooms/room.h"
#include "core/store/store_queue.h"

namespace freshet {

class RoomScope final : public RoomWatch {
 public:
  // To all who look. [shard]
  using Tell = std::function<void(std::string text)>;

  // All outlive it.
  RoomScope(Loop loop, const freshet_crdt& crdt, std::string name, Tell tell)
      : loop_(loop), crdt_(crdt), name_(std::move(name)), tell_(std::move(tell)) {}
  RoomScope(const RoomScope&) = delete;
  RoomScope& operator=(const RoomScope&) = delete;

  const std::string& name() const { return name_; }

  // The room as it is now; null: it is not in memory. Often: it tells of what has changed, and at
  // times.
  void look(Room* room);
  // Somebody has come, who knows nothing of it.
  void tell_again() { told_.clear(); }
  // Nobody looks any more.
  static void let_go(Room* room) {
    if (room != nullptr) room->inside().members.set_watch(nullptr);
  }
  void note_authors_asked() { authors_asked_ = true; }
  // Of what is stored: for those who wrote before anybody looked.
  void note_stored_authors(const ReplyItems& items);

  // RoomWatch
  void on_update(const Contribution& update, const Member* from) override;

 private:
  struct Written {  // by one
    std::string user;
    uint64_t at_ms, rows;
  };

  void note(const Contribution& update, const Member* from);
  void attach(Room& room);
  bool may_have_changed(Room& room);
  nlohmann::json picture(Room& room);
  nlohmann::json document_of(Room& room);
  nlohmann::json clients_of(Room& room);
  nlohmann::json people_of(Room& room) const;
  void count_deletions(const Document& document, const freshet_doc_stats& stats);
  void note_author(const std::string& user, uint64_t at_ms, uint64_t rows);
  void note_user_of_client(const Contribution& update, const std::string& user);
  void tell_update(const Contribution& update, const Member* from, uint64_t now_ms);
  void tell_skipped(uint64_t now_ms);

  const Loop loop_;
  const freshet_crdt& crdt_;
  const std::string name_;
  const Tell tell_;
  const Room* room_ = nullptr;  // whom it is set in, as of the last look
  uint64_t due_ms_ = 0;
  uint64_t seen_ = 0;  // a sum of all that shows that something has changed
  std::string told_;   // last; empty: nothing yet
  UnsavedOf unsaved_;
  std::vector<Written> authors_;                     // the newest first
  bool authors_asked_ = false;                       // of what is stored
  std::unordered_map<uint64_t, std::string> users_;  // of clients
  std::unordered_map<uint64_t, uint64_t> deleted_;   // of clients
  uint64_t deleted_total_ = 0, deleted_version_ = 0, deleted_due_ms_ = 0;
  bool deleted_known_ = false;
  Throttle decoded_{kUpdatesPerSecond};
  uint64_t skipped_ = 0, skipped_bytes_ = 0, skipped_due_ms_ = 0;
};

}  // namespace freshet
