// plugins/store-sqlite/arrivals.h: what was appended of late, in the order in which it came.
//
// The log is clustered by room: each room that a batch grows is a page of it to be written and
// synced, and its row another. Where many rooms get a letter each, that is some 4 kB a letter. So
// small rows of all rooms arrive behind each other in one table, a page or two a batch, and when
// that is full all of it moves into the log at once, many rows a page.
//
//   a room = its row + its arrivals, which go on from the row's last_seq without a gap
//
// What arrived is known in memory, too: nobody else writes to the file. Functions that answer an
// int answer SQLite's codes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "freshet/store.h"
#include "store-sqlite/database/database.h"
#include "store-sqlite/known_rooms.h"

namespace freshet::sqlite {

// A row of `rooms` grows by what has arrived of it. Here for a test of how it is done.
inline constexpr const char* kGrowRooms =
    "UPDATE rooms SET last_seq = max(rooms.last_seq, arrived.last_seq), "
    "log_bytes = log_bytes + arrived.bytes FROM "
    "(SELECT room, max(seq) AS last_seq, sum(length(data)) AS bytes FROM arrivals GROUP BY room) "
    "AS arrived WHERE rooms.id = arrived.room";

// In a transaction, of a file that no store has open.
int move_arrivals_into_log(Database& db);

class Arrivals {
 public:
  // An open transaction that may change them. Unless it was committed, the table is read anew.
  class Change {
   public:
    explicit Change(Arrivals& arrivals) : arrivals_(arrivals) {}
    ~Change() {
      if (!committed_) arrivals_.known_ = false;
    }
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;
    void committed() { committed_ = true; }

   private:
    Arrivals& arrivals_;
    bool committed_ = false;
  };

  // Borrows the database, for as long as it lives.
  Arrivals(Database& db, size_t max_rows) : db_(db), max_rows_(max_rows) {}

  int prepare();  // and know()
  // Reads what is there, if that is not known. REQUIRED before all that follows. What cannot be
  // read is no damage of any one room: of that it says SQLITE_IOERR.
  int know();
  bool known() const { return known_; }

  bool empty() const { return rows_ == 0; }
  bool full() const { return rows_ >= max_rows_; }
  // Of the room with this id.
  bool has_any_of(int64_t room) const { return of_.contains(room); }
  int64_t bytes_of(int64_t room) const;
  // `room`, as its row has it, grows by what has arrived since.
  void add_to(Room& room) const;

  // In a transaction with a Change.
  int insert(const Room& room, uint64_t seq, int64_t checksum, const freshet_append& entry);
  int move_into_log();
  int move_into_log(int64_t room);  // what has arrived of this one

  // Of one room, in order: seq, checksum, data, author, first_ms, lasted_ms.
  Statement& rows_of_room() { return select_; }

 private:
  struct Arrived {
    uint64_t last_seq = 0;
    int64_t bytes = 0;
    size_t rows = 0;
  };

  Database& db_;
  const size_t max_rows_;
  Statement insert_, select_, sums_;
  Statement move_room_, grow_room_, delete_room_;
  std::unordered_map<int64_t, Arrived> of_;  // by the id of the room
  size_t rows_ = 0;
  bool known_ = false;
};

}  // namespace freshet::sqlite
