#include "store-sqlite/arrivals.h"

#include <algorithm>
#include <string>

#include "store-sqlite/update_row.h"

namespace freshet::sqlite {

namespace {

// OR REPLACE: what a damaged file has in the place of one room's row is no reason to stop for all.
// But what has rotted into another room's stays out of what that has, and out of rooms to come.
constexpr const char* kMove =
    "INSERT OR REPLACE INTO updates(room, seq, checksum, data, author, first_ms, lasted_ms) "
    "SELECT room, seq, checksum, data, author, first_ms, lasted_ms FROM arrivals CROSS JOIN rooms "
    "ON rooms.id = arrivals.room WHERE seq > rooms.last_seq";

}  // namespace

int move_arrivals_into_log(Database& db) {
  FRESHET_SQL(db.run((std::string(kMove) + " ORDER BY room, seq").c_str()));
  FRESHET_SQL(db.run(kGrowRooms));
  return db.run("DELETE FROM arrivals");
}

int Arrivals::prepare() {
  FRESHET_SQL(insert_.prepare(
      db_,
      "INSERT INTO arrivals(room, seq, checksum, data, author, first_ms, lasted_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)"));
  FRESHET_SQL(select_.prepare(
      db_,
      "SELECT seq, checksum, data, author, first_ms, lasted_ms FROM arrivals WHERE room = ? ORDER "
      "BY id"));
  FRESHET_SQL(sums_.prepare(
      db_, "SELECT room, max(seq), sum(length(data)), count(*) FROM arrivals GROUP BY room"));
  FRESHET_SQL(move_room_.prepare(db_, std::string(kMove) + " AND room = ? ORDER BY seq"));
  FRESHET_SQL(grow_room_.prepare(db_, std::string(kGrowRooms) + " AND rooms.id = ?"));
  FRESHET_SQL(delete_room_.prepare(db_, "DELETE FROM arrivals WHERE room = ?"));
  return know();
}

int Arrivals::know() {
  if (known_) return SQLITE_OK;
  of_.clear();
  rows_ = 0;
  Use row(sums_);
  int code = SQLITE_OK;
  while ((code = row.step()) == SQLITE_ROW) {
    Arrived& arrived = of_[row.number(0)];
    arrived = {row.unsigned_number(1), row.number(2), row.unsigned_number(3)};
    rows_ += arrived.rows;
  }
  if (code != SQLITE_DONE) return status_of(code) == Status::corrupt ? SQLITE_IOERR : code;
  known_ = true;
  return SQLITE_OK;
}

int64_t Arrivals::bytes_of(int64_t room) const {
  const auto it = of_.find(room);
  return it == of_.end() ? 0 : it->second.bytes;
}

void Arrivals::add_to(Room& room) const {
  const auto it = of_.find(room.id);
  if (it == of_.end()) return;
  room.last_seq = std::max(room.last_seq, it->second.last_seq);
  room.log_bytes += it->second.bytes;
}

int Arrivals::insert(const Room& room, uint64_t seq, int64_t checksum,
                     const freshet_append& entry) {
  FRESHET_SQL(insert_update(insert_, room.id, seq, checksum, entry));
  Arrived& arrived = of_[room.id];
  arrived.last_seq = seq;
  arrived.bytes += static_cast<int64_t>(entry.update.size);
  ++arrived.rows;
  ++rows_;
  return SQLITE_OK;
}

int Arrivals::move_into_log() {
  if (empty()) return SQLITE_OK;
  FRESHET_SQL(move_arrivals_into_log(db_));
  of_.clear();
  rows_ = 0;
  return SQLITE_OK;
}

int Arrivals::move_into_log(int64_t room) {
  const auto it = of_.find(room);
  if (it == of_.end()) return SQLITE_OK;
  for (Statement* each : {&move_room_, &grow_room_, &delete_room_}) {
    FRESHET_SQL(Use(*each).bind(room).finish());
  }
  rows_ -= it->second.rows;
  of_.erase(it);
  return SQLITE_OK;
}

}  // namespace freshet::sqlite
