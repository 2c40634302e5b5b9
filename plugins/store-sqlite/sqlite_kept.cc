#include "store-sqlite/sqlite_kept.h"

#include <utility>

#include "store-sqlite/database/checksum.h"
#include "store-sqlite/limits.h"

namespace freshet::sqlite {

namespace {

// What must still be true of a value when it is read.
int64_t checksum_of_value(std::string_view room, std::string_view name, Bytes value) {
  const Bytes of = as_bytes(room);
  return Crc32c().add(uint64_t{of.size()}).add(of).add(as_bytes(name)).add(value).value();
}

}  // namespace

int SqliteKept::prepare() {
  const std::pair<Statement*, std::string_view> all[] = {
      {&read_, "SELECT version, checksum, data FROM kept WHERE room = ? AND name = ?"},
      {&version_, "SELECT version FROM kept WHERE room = ? AND name = ?"},
      {&count_, "SELECT count(*) FROM kept WHERE room = ?"},
      {&put_, "INSERT OR REPLACE INTO kept(room, name, checksum, data) VALUES (?, ?, ?, ?)"},
      {&remove_, "DELETE FROM kept WHERE room = ? AND name = ?"},
      {&list_,
       "SELECT room, name, version, length(data) FROM kept WHERE (room, name) > (?, ?) "
       "ORDER BY room, name LIMIT ?"},
      {&forget_, "DELETE FROM kept WHERE room = ?"},
  };
  for (const auto& [statement, sql] : all) FRESHET_SQL(statement->prepare(file_.db(), sql));
  return SQLITE_OK;
}

// ---- reading -----------------------------------------------------------------------------------

Status SqliteKept::read(std::string_view room, std::string_view name, Reply out) {
  Use row(read_);
  const int code = row.bind(room).bind(name).step();
  if (code == SQLITE_DONE) return Status::not_found;
  if (code != SQLITE_ROW) return troubles_.conclude_read(code, room);
  const Bytes value = row.bytes(2);
  if (checksum_of_value(room, name, value) != row.number(1)) {
    return troubles_.damaged(room, "what an app keeps of it is not what was written");
  }
  return out.write(FRESHET_STORE_KEPT, row.unsigned_number(0), value);
}

Status SqliteKept::list(std::string_view room, std::string_view after, uint32_t limit, Reply out) {
  Use row(list_);
  row.bind(room).bind(after).bind(int64_t{limit});
  int code = SQLITE_OK;
  while ((code = row.step()) == SQLITE_ROW) {
    FRESHET_CHECK(out.write(FRESHET_STORE_ROOM, row.bytes(0)));
    FRESHET_CHECK(out.write(FRESHET_STORE_NAME, row.unsigned_number(3), row.bytes(1)));
    FRESHET_CHECK(out.write(FRESHET_STORE_KEPT, row.unsigned_number(2)));
  }
  return code == SQLITE_DONE ? Status::ok : troubles_.conclude_read(code, "");
}

int SqliteKept::find(const Key& key, uint64_t& version) {
  Use row(version_);
  const int code = row.bind(key.room).bind(key.name).step();
  version = code == SQLITE_ROW ? row.unsigned_number(0) : 0;
  return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

int SqliteKept::is_full(std::string_view room, bool& full) {
  Use row(count_);
  const int code = row.bind(room).step();
  if (code != SQLITE_ROW) return code;
  full = row.number(0) >= kMaxKeptValues;
  return SQLITE_OK;
}

// ---- writing -----------------------------------------------------------------------------------

Status SqliteKept::write(std::string_view room, std::string_view name, uint64_t version,
                         Bytes value, Reply out) {
  constexpr std::string_view kDoing = "keep what an app keeps of a room";
  if (value.size() > kMaxValueBytes) return Status::too_large;
  const Key key{room, name};
  uint64_t there = 0;
  bool full = false;
  int code = find(key, there);
  if (code == SQLITE_OK && there == 0 && !value.empty()) code = is_full(room, full);
  if (code != SQLITE_OK) return troubles_.conclude_write(code, kDoing);
  if (version != FRESHET_KEPT_ANY && version != there) {
    FRESHET_CHECK(out.write(FRESHET_STORE_KEPT, there));
    return Status::conflict;
  }
  if (full) return Status::limit;
  code = swap(key, value, there);
  if (code == SQLITE_OK) FRESHET_CHECK(out.write(FRESHET_STORE_KEPT, there));
  return troubles_.conclude_write(code, kDoing);
}

int SqliteKept::swap(const Key& key, Bytes value, uint64_t& version) {
  Transaction transaction(file_.db());
  FRESHET_SQL(file_.begin(transaction));
  if (value.empty()) {
    version = 0;
    FRESHET_SQL(Use(remove_).bind(key.room).bind(key.name).finish());
  } else {
    Use row(put_);
    row.bind(key.room).bind(key.name).bind(checksum_of_value(key.room, key.name, value));
    FRESHET_SQL(row.bind(value).finish());
    version = static_cast<uint64_t>(sqlite3_last_insert_rowid(file_.db().handle()));
  }
  return file_.commit(transaction);
}

int SqliteKept::forget(std::string_view room, bool& any) {
  FRESHET_SQL(Use(forget_).bind(room).finish());
  any = sqlite3_changes(file_.db().handle()) > 0;
  return SQLITE_OK;
}

}  // namespace freshet::sqlite
