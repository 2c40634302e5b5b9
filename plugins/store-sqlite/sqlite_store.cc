#include "store-sqlite/sqlite_store.h"

#include <algorithm>

#include "store-sqlite/database/checksum.h"
#include "store-sqlite/file/directory.h"
#include "store-sqlite/restoring/restoring.h"

namespace freshet::sqlite {

namespace {

Bytes bytes_of(const freshet_epoch& epoch) { return epoch.bytes; }

}  // namespace

int64_t SqliteStore::checksum(const Room& room, uint64_t seq, Bytes data) {
  return checksum_of(bytes_of(room.epoch), seq, data);
}

// ---- making ------------------------------------------------------------------------------------

Options SqliteStore::read_settings(Given given, Faults& faults) {
  std::string path(given.text("path"));
  if (const std::string flaw = flaw_of_path(path); !flaw.empty()) faults.add("path", flaw);
  const std::string_view integrity = given.text("integrity");
  return {.path = std::move(path),
          .integrity = integrity == "full"  ? Integrity::full
                       : integrity == "off" ? Integrity::off
                                            : Integrity::quick,
          .lock_wait_ms = given.number("lock_wait_ms"),
          .cache_bytes = given.number("cache_bytes"),
          .checkpoint_bytes = given.number("checkpoint_bytes"),
          .outbox_max_entries = given.number("outbox_max_entries"),
          .outbox_max_bytes = given.number("outbox_max_bytes"),
          .outbox_key_max_entries = given.number("outbox_key_max_entries"),
          .outbox_key_max_bytes = given.number("outbox_key_max_bytes"),
          .vfs = {}};
}

Result<std::unique_ptr<SqliteStore>> SqliteStore::create(Host host, const Options& options) {
  FRESHET_TRY(Database db, open_file(options, host));
  std::unique_ptr<SqliteStore> store(new SqliteStore(options, host, std::move(db)));
  const Status status = status_of(store->prepare());
  if (status == Status::retry) {
    host.error("store " + options.path + " cannot be read now: " + store->file_.db().complaint());
    return status;
  }
  if (status != Status::ok) {
    host.error("store " + options.path + ": the tables are not what this version makes: " +
               store->file_.db().complaint() + ". Restore a backup: `freshet rooms restore COPY`");
    return Status::corrupt;
  }
  store->file_.start();
  return store;
}

Status SqliteStore::restore(Host host, std::string_view path, const Options& options) {
  return restore_file(options, std::string(path), host);
}

SqliteStore::SqliteStore(Options options, Host host, Database db)
    : options_(std::move(options)),
      host_(host),
      file_(options_, host, std::move(db)),
      troubles_(options_.path, host, file_.db()),
      outbox_(options_, host, file_, troubles_),
      kept_(file_, troubles_),
      arrivals_(file_.db(), options_.max_arrivals),
      updates_(host.counter("freshet_store_updates_total", "Updates appended.")),
      bytes_(host.counter("freshet_store_update_bytes_total", "Bytes of updates appended.")) {}

SqliteStore::~SqliteStore() {
  // Without memory they stay where they are.
  static_cast<void>(if_memory([this] {
    move_arrivals();
    return Status::ok;
  }));
}

int SqliteStore::prepare() {
  const std::pair<Statement*, std::string_view> all[] = {
      {&find_,
       "SELECT id, epoch, last_seq, snapshot_seq, snapshot_bytes, log_bytes FROM rooms "
       "WHERE name = ?"},
      {&insert_room_,
       "INSERT INTO rooms(epoch, last_seq, snapshot_seq, snapshot_bytes, log_bytes, name) "
       "VALUES (?, ?, ?, ?, ?, ?)"},
      {&update_room_,
       "UPDATE rooms SET epoch = ?, last_seq = ?, snapshot_seq = ?, snapshot_bytes = ?, "
       "log_bytes = ? WHERE id = ?"},
      {&delete_room_, "DELETE FROM rooms WHERE id = ?"},
      {&insert_update_,
       "INSERT INTO updates(room, seq, checksum, data, author, first_ms, lasted_ms) "
       "VALUES (?, ?, ?, ?, ?, ?, ?)"},
      {&delete_updates_, "DELETE FROM updates WHERE room = ? AND seq <= ?"},
      {&log_bytes_, "SELECT sum(length(data)) FROM updates WHERE room = ?"},
      {&select_updates_,
       "SELECT seq, checksum, data, author, first_ms, lasted_ms FROM updates WHERE room = ? ORDER "
       "BY seq"},
      {&write_snapshot_, "INSERT OR REPLACE INTO snapshots(room, checksum, data) VALUES (?, ?, ?)"},
      {&delete_snapshot_, "DELETE FROM snapshots WHERE room = ?"},
      {&select_snapshot_, "SELECT checksum, data FROM snapshots WHERE room = ?"},
      {&list_,
       "SELECT name, ifnull(snapshot_bytes, 0) + log_bytes, id FROM rooms WHERE name > ? "
       "ORDER BY name LIMIT ?"},
  };
  for (const auto& [statement, sql] : all) FRESHET_SQL(statement->prepare(file_.db(), sql));
  FRESHET_SQL(outbox_.prepare());
  FRESHET_SQL(kept_.prepare());
  FRESHET_SQL(arrivals_.prepare());
  return file_.prepare();
}

// ---- reading -----------------------------------------------------------------------------------

// Where a write was begun and not committed it is unknown what is there.
int SqliteStore::know() {
  if (!arrivals_.known()) known_.forget_all();
  return arrivals_.know();
}

int SqliteStore::find(std::string_view name, Room& room) {
  FRESHET_SQL(know());
  if (const Room* known = known_.find(name)) {
    room = *known;
    return SQLITE_OK;
  }
  FRESHET_SQL(find_row(name, room));
  if (!room.sound) return SQLITE_CORRUPT;
  known_.keep(name, room);
  return SQLITE_OK;
}

int SqliteStore::find_row(std::string_view name, Room& room) {
  FRESHET_SQL(know());
  Use row(find_);
  if (const int code = row.bind(name).step(); code != SQLITE_ROW) {
    return code == SQLITE_DONE ? SQLITE_NOTFOUND : code;
  }
  const Bytes epoch = row.bytes(1);
  room.sound = epoch.size() == sizeof(room.epoch.bytes);
  if (room.sound) std::copy(epoch.begin(), epoch.end(), room.epoch.bytes);
  room.id = row.number(0);
  room.last_seq = row.unsigned_number(2);
  room.snapshot_seq = row.unsigned_number(3);
  room.has_snapshot = !row.null(4);
  room.snapshot_bytes = row.number(4);
  room.log_bytes = row.number(5);
  arrivals_.add_to(room);
  room.sound = room.sound && room.snapshot_seq <= room.last_seq && room.last_seq <= INT64_MAX;
  return SQLITE_OK;
}

Status SqliteStore::load(std::string_view name, Reply out) {
  Room room;
  const int code = find(name, room);
  if (code == SQLITE_NOTFOUND) return Status::not_found;
  if (code != SQLITE_OK) return troubles_.conclude_read(code, name);
  FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, bytes_of(room.epoch)));
  if (room.has_snapshot) FRESHET_CHECK(load_snapshot(name, room, out));
  return load_updates(name, room, out);
}

Status SqliteStore::load_snapshot(std::string_view name, const Room& room, Reply out) {
  Use row(select_snapshot_);
  const int code = row.bind(room.id).step();
  if (code == SQLITE_DONE) return troubles_.damaged(name, "its snapshot is gone");
  if (code != SQLITE_ROW) return troubles_.conclude_read(code, name);
  const Bytes data = row.bytes(1);
  if (row.number(0) != checksum(room, room.snapshot_seq, data)) {
    return troubles_.damaged(name, "its snapshot is not what was written");
  }
  return out.write(FRESHET_STORE_SNAPSHOT, room.snapshot_seq, data);
}

Status SqliteStore::load_updates(std::string_view name, const Room& room, Reply out) {
  uint64_t last = room.snapshot_seq;
  FRESHET_CHECK(load_rows(select_updates_, name, room, last, out));
  if (arrivals_.has_any_of(room.id)) {
    FRESHET_CHECK(load_rows(arrivals_.rows_of_room(), name, room, last, out));
  }
  if (last != room.last_seq) {
    return troubles_.damaged(name, "its log ends at " + std::to_string(last) + " and should at " +
                                       std::to_string(room.last_seq));
  }
  return Status::ok;
}

Status SqliteStore::load_rows(Statement& rows, std::string_view name, const Room& room,
                              uint64_t& last, Reply out) {
  Use row(rows);
  row.bind(room.id);
  int code = SQLITE_OK;
  while ((code = row.step()) == SQLITE_ROW) {
    const uint64_t seq = row.unsigned_number(0);
    if (seq != last + 1) {
      return troubles_.damaged(name, "update " + std::to_string(last + 1) + " is gone");
    }
    const Bytes data = row.bytes(2);
    if (row.number(1) != checksum(room, seq, data)) {
      return troubles_.damaged(name, "update " + std::to_string(seq) + " is not what was written");
    }
    FRESHET_CHECK(out.write(FRESHET_STORE_UPDATE, seq, data));
    if (!row.null(3)) FRESHET_CHECK(out.write(FRESHET_STORE_AUTHOR, row.bytes(3)));
    if (!row.null(4)) {
      const uint64_t first_ms = row.unsigned_number(4);
      FRESHET_CHECK(out.write(FRESHET_STORE_FIRST_TIME, first_ms));
      FRESHET_CHECK(out.write(FRESHET_STORE_LAST_TIME, first_ms + row.unsigned_number(5)));
    }
    last = seq;
  }
  return code == SQLITE_DONE ? Status::ok : troubles_.conclude_read(code, name);
}

Status SqliteStore::list(std::string_view after, uint32_t limit, Reply out) {
  if (const int code = know(); code != SQLITE_OK) {
    return troubles_.conclude_read(code, "");
  }
  Use row(list_);
  row.bind(after).bind(int64_t{limit});
  int code = SQLITE_OK;
  while ((code = row.step()) == SQLITE_ROW) {
    const int64_t bytes = row.number(1) + arrivals_.bytes_of(row.number(2));
    FRESHET_CHECK(out.write(FRESHET_STORE_ROOM, static_cast<uint64_t>(bytes), row.bytes(0)));
  }
  return code == SQLITE_DONE ? Status::ok : troubles_.conclude_read(code, "");
}

Status SqliteStore::info(std::string_view name, Reply out) {
  Room room;
  const int code = find(name, room);
  if (code == SQLITE_NOTFOUND) return Status::not_found;
  if (code != SQLITE_OK) return troubles_.conclude_read(code, name);
  FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, bytes_of(room.epoch)));
  FRESHET_CHECK(out.write(FRESHET_STORE_LAST_SEQ, room.last_seq));
  FRESHET_CHECK(out.write(FRESHET_STORE_SNAPSHOT, static_cast<uint64_t>(room.snapshot_bytes)));
  FRESHET_CHECK(out.write(FRESHET_STORE_LOG_COUNT, room.last_seq - room.snapshot_seq));
  return out.write(FRESHET_STORE_LOG_BYTES, static_cast<uint64_t>(room.log_bytes));
}

// While all is well, that is two looks at the file system. What has failed is tried in earnest.
Status SqliteStore::check(Reply out) {
  int code = file_.look();
  if (code == SQLITE_OK && !troubles_.last().empty()) code = file_.try_writing();
  troubles_.tell(code, "write");
  return troubles_.last().empty() ? Status::ok
                                  : out.write(FRESHET_STORE_TROUBLE, as_bytes(troubles_.last()));
}

}  // namespace freshet::sqlite
