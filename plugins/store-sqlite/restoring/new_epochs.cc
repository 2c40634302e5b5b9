#include "store-sqlite/restoring/new_epochs.h"

#include <algorithm>

#include "freshet/format/shown_name.h"
#include "store-sqlite/arrivals.h"
#include "store-sqlite/database/checksum.h"
#include "store-sqlite/limits.h"

namespace freshet::sqlite {

int NewEpochs::prepare() {
  const std::pair<Statement*, std::string_view> all[] = {
      {&next_, "SELECT id, name, epoch, snapshot_seq FROM rooms WHERE id > ? ORDER BY id LIMIT 1"},
      {&set_epoch_, "UPDATE rooms SET epoch = ? WHERE id = ?"},
      {&snapshot_, "SELECT checksum, data FROM snapshots WHERE room = ?"},
      {&set_snapshot_, "UPDATE snapshots SET checksum = ? WHERE room = ?"},
      {&update_,
       "SELECT seq, checksum, data FROM updates WHERE room = ? AND seq > ? ORDER BY seq LIMIT 1"},
      {&set_update_, "UPDATE updates SET checksum = ? WHERE room = ? AND seq = ?"},
  };
  for (const auto& [statement, sql] : all) FRESHET_SQL(statement->prepare(db_, sql));
  return SQLITE_OK;
}

int NewEpochs::draw() {
  FRESHET_SQL(prepare());
  Transaction transaction(db_);
  FRESHET_SQL(transaction.begun());
  FRESHET_SQL(move_arrivals_into_log(db_));
  int code = SQLITE_OK;
  for (Room room; (code = next(room.id, room)) == SQLITE_ROW;) {
    FRESHET_SQL(draw_for(room));
    ++rooms_;
    if (!room.sound && damaged_.size() < kMaxDamagedRoomsTold) damaged_.push_back(room.name);
  }
  return code == SQLITE_DONE ? transaction.commit() : code;
}

int NewEpochs::next(int64_t after, Room& room) {
  Use row(next_);
  const int code = row.bind(after).step();
  if (code != SQLITE_ROW) return code;
  const Bytes epoch = row.bytes(2);
  room = {};
  room.id = row.number(0);
  room.name = shown_name(as_text(row.bytes(1)));
  room.sound = epoch.size() == sizeof(room.before.bytes);
  if (room.sound) std::copy(epoch.begin(), epoch.end(), room.before.bytes);
  room.snapshot_seq = row.unsigned_number(3);
  sqlite3_randomness(sizeof(room.now.bytes), room.now.bytes);
  return code;
}

int NewEpochs::draw_for(Room& room) {
  if (!room.sound) return SQLITE_OK;
  FRESHET_SQL(Use(set_epoch_).bind(Bytes(room.now.bytes)).bind(room.id).finish());
  FRESHET_SQL(snapshot_of(room));
  return updates_of(room);
}

int NewEpochs::snapshot_of(Room& room) {
  int64_t checksum = 0;
  {
    Use row(snapshot_);
    const int code = row.bind(room.id).step();
    if (code != SQLITE_ROW) return code == SQLITE_DONE ? SQLITE_OK : code;
    const Bytes data = row.bytes(1);
    if (row.number(0) != checksum_of(room.before.bytes, room.snapshot_seq, data)) {
      room.sound = false;
      return SQLITE_OK;
    }
    checksum = checksum_of(room.now.bytes, room.snapshot_seq, data);
  }
  return Use(set_snapshot_).bind(checksum).bind(room.id).finish();
}

int NewEpochs::updates_of(Room& room) {
  for (int64_t seq = -1;;) {
    int64_t checksum = 0;
    {
      Use row(update_);
      const int code = row.bind(room.id).bind(seq).step();
      if (code != SQLITE_ROW) return code == SQLITE_DONE ? SQLITE_OK : code;
      seq = row.number(0);
      const auto at = static_cast<uint64_t>(seq);
      const Bytes data = row.bytes(2);
      if (row.number(1) != checksum_of(room.before.bytes, at, data)) {
        room.sound = false;
        continue;
      }
      checksum = checksum_of(room.now.bytes, at, data);
    }
    FRESHET_SQL(Use(set_update_).bind(checksum).bind(room.id).bind(seq).finish());
  }
}

}  // namespace freshet::sqlite
