// plugins/store-sqlite/restoring/new_epochs.h: every room of a file begins another history with
// what it has.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "freshet/abi/store.h"
#include "store-sqlite/database/database.h"

namespace freshet::sqlite {

// The functions that answer an int answer SQLite's codes.
class NewEpochs {
 public:
  explicit NewEpochs(Database& db) : db_(db) {}

  // One transaction. A value whose checksum is wrong is left with a wrong one.
  int draw();

  uint64_t rooms() const { return rooms_; }
  // Names for the log of those with such a value, at most kMaxDamagedRoomsTold.
  const std::vector<std::string>& damaged() const { return damaged_; }

 private:
  struct Room {
    int64_t id = 0;
    freshet_epoch before{}, now{};
    uint64_t snapshot_seq = 0;
    std::string name;
    bool sound = true;
  };

  int prepare();
  int next(int64_t after, Room& room);  // SQLITE_DONE: no more
  int draw_for(Room& room);
  int snapshot_of(Room& room);
  int updates_of(Room& room);

  Database& db_;
  Statement next_, set_epoch_, snapshot_, set_snapshot_, update_, set_update_;
  uint64_t rooms_ = 0;
  std::vector<std::string> damaged_;
};

}  // namespace freshet::sqlite
