#include "store-sqlite/arrivals.h"

#include <algorithm>

#include "store-sqlite/update_row.h"

namespace freshet::sqlite {

// OR REPLACE: what a damaged file has in the place of one room's row is no reason to stop for all.
int move_arrivals_into_log(Database& db) {
  FRESHET_SQL(db.run(
      "INSERT OR REPLACE INTO updates(room, seq, checksum, data, author, first_ms, lasted_ms) "
      "SELECT room, seq, checksum, data, author, first_ms, lasted_ms FROM arrivals "
      "ORDER BY room, seq"));
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
  return know();
}

int Arrivals::know() {
  if (known_) return SQLITE_OK;
  of_.clear();
  rows_ = 0;
  Use row(sums_);
  int code = SQLITE_OK;
  while ((code = row.step()) == SQLITE_ROW) {
    of_[row.number(0)] = {row.unsigned_number(1), row.number(2)};
    rows_ += row.unsigned_number(3);
  }
  if (code != SQLITE_DONE) return code;
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
  Of& of = of_[room.id];
  of.last_seq = seq;
  of.bytes += static_cast<int64_t>(entry.update.size);
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

}  // namespace freshet::sqlite
