// The writing half of SqliteStore: every call is one transaction.
#include <unistd.h>

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "freshet/format/reason.h"
#include "store-sqlite/file/directory.h"
#include "store-sqlite/file/log_mark.h"
#include "store-sqlite/sqlite_store.h"
#include "store-sqlite/update_row.h"

namespace freshet::sqlite {

// ---- append ------------------------------------------------------------------------------------

struct SqliteStore::Plan {
  std::unordered_map<std::string_view, size_t> index;  // of a name in `rooms`
  std::vector<Growing> rooms;                          // in order of first appearance
  std::vector<size_t> room_of;                         // of each entry
  size_t bytes = 0;
  Status fault = Status::ok;  // of one of the rooms
};

Status SqliteStore::fault_of(const freshet_append& entry, const Growing& growing) {
  if (entry.update.size > kMaxValueBytes) return Status::too_large;
  const bool may_be_another = growing.room.id != 0 && (entry.flags & FRESHET_APPEND_NEW) != 0;
  return may_be_another || same(entry.epoch, growing.room.epoch) ? Status::ok : Status::conflict;
}

int SqliteStore::start_growing(const freshet_append& entry, Growing& growing) {
  const int code = find(growing.name, growing.room);
  if (status_of(code) == Status::corrupt) {
    growing.fault = troubles_.damaged(growing.name, sqlite3_errstr(code));
  } else if (code == SQLITE_NOTFOUND) {
    growing.room.epoch = entry.epoch;
    if ((entry.flags & FRESHET_APPEND_NEW) == 0) growing.fault = Status::conflict;
  } else {
    return code;
  }
  return SQLITE_OK;
}

// Reads the rooms of a batch and checks every entry. Nothing is written.
int SqliteStore::plan(std::span<const freshet_append> entries, Plan& plan) {
  plan.room_of.reserve(entries.size());
  for (const freshet_append& entry : entries) {
    const std::string_view name = view(entry.room);
    const auto [it, is_new] = plan.index.try_emplace(name, plan.rooms.size());
    if (is_new) {
      Growing growing;
      growing.name = name;
      FRESHET_SQL(start_growing(entry, growing));
      plan.rooms.push_back(growing);
    }
    Growing& growing = plan.rooms[it->second];
    if (growing.fault == Status::ok) growing.fault = fault_of(entry, growing);
    if (growing.fault != Status::ok) plan.fault = growing.fault;
    plan.room_of.push_back(it->second);
    plan.bytes += entry.update.size;
  }
  return SQLITE_OK;
}

bool SqliteStore::has_arrivals(const Plan& plan) const {
  return std::ranges::any_of(
      plan.rooms, [this](const Growing& growing) { return arrivals_.has_any_of(growing.room.id); });
}

int SqliteStore::write(std::span<const freshet_append> entries, Plan& plan,
                       std::vector<Appended>& appended) {
  const bool arrived_before = has_arrivals(plan);
  const bool arrives = plan.bytes <= entries.size() * kMaxArrivingBytes &&
                       (arrived_before || plan.rooms.size() >= options_.min_arriving_rooms);
  Arrivals::Change change(arrivals_);
  Transaction transaction(file_.db());
  FRESHET_SQL(file_.begin(transaction));
  // What goes into the log at once goes behind what has arrived.
  if (arrivals_.full()) FRESHET_SQL(arrivals_.move_into_log());
  for (Growing& growing : plan.rooms) {
    if (!arrives) FRESHET_SQL(arrivals_.move_into_log(growing.room.id));
    if (growing.room.id == 0) FRESHET_SQL(save(growing.name, growing.room));
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    Room& room = plan.rooms[plan.room_of[i]].room;
    const bool left_out = (entries[i].flags & FRESHET_APPEND_FIRST) != 0 && room.holds_any();
    if (!left_out) FRESHET_SQL(add_update(room, entries[i], arrives));
    appended.push_back({room.epoch, left_out ? 0 : room.last_seq});
  }
  if (!arrives) {
    for (Growing& growing : plan.rooms) FRESHET_SQL(save(growing.name, growing.room));
  }
  FRESHET_SQL(file_.commit(transaction));
  change.committed();
  for (const Growing& growing : plan.rooms) known_.update(growing.name, growing.room);
  return SQLITE_OK;
}

int SqliteStore::add_update(Room& room, const freshet_append& entry, bool arrives) {
  const uint64_t seq = room.last_seq + 1;
  const int64_t sum = checksum(room, seq, view(entry.update));
  FRESHET_SQL(arrives ? arrivals_.insert(room, seq, sum, entry)
                      : insert_update(insert_update_, room.id, seq, sum, entry));
  room.last_seq = seq;
  room.log_bytes += static_cast<int64_t>(entry.update.size);
  return SQLITE_OK;
}

Status SqliteStore::append(const freshet_batch& batch, Reply out) {
  if (batch.count == 0) return Status::ok;
  if (const std::vector<Appended>* before = answered_.find(batch); before != nullptr) {
    FRESHET_CHECK(troubles_.conclude_write(file_.try_writing(), "append"));
    return answer(batch, *before, out);
  }
  Plan made;
  if (const int code = plan(entries_of(batch), made); code != SQLITE_OK) {
    return troubles_.conclude_write(code, "append");
  }
  if (made.fault != Status::ok) {
    for (const Growing& growing : made.rooms) {
      if (growing.fault != Status::ok) FRESHET_CHECK(out.write(FRESHET_STORE_ROOM, growing.name));
    }
    return made.fault;
  }
  std::vector<Appended> appended;
  appended.reserve(batch.count);
  const int code = write(entries_of(batch), made, appended);
  const Status status = troubles_.conclude_write(code, "append");
  const bool unanswered = file_.take_unanswered();
  if (status != Status::ok && !unanswered) return status;
  updates_.add(static_cast<int64_t>(batch.count));
  bytes_.add(static_cast<int64_t>(made.bytes));
  answered_.keep(batch, std::move(appended));
  return status == Status::ok ? answer(batch, *answered_.find(batch), out) : status;
}

Status SqliteStore::answer(const freshet_batch& batch, const std::vector<Appended>& appended,
                           Reply out) {
  for (size_t i = 0; i < batch.count; ++i) {
    const freshet_epoch& epoch = appended[i].epoch;
    if (!same(epoch, batch.entries[i].epoch) || appended[i].seq == 0) {
      FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, Bytes(epoch.bytes)));
    }
    FRESHET_CHECK(out.write(FRESHET_STORE_SEQ, appended[i].seq));
  }
  return Status::ok;
}

// ---- whole rooms -------------------------------------------------------------------------------

Status SqliteStore::replace(std::string_view name, const freshet_epoch& epoch, uint64_t through_seq,
                            Bytes snapshot) {
  if (snapshot.size() > kMaxValueBytes) return Status::too_large;
  Room room;
  const int code = find(name, room);
  if (code == SQLITE_NOTFOUND) return Status::conflict;
  if (code != SQLITE_OK) return troubles_.conclude_write(code, "replace");
  if (!same(epoch, room.epoch) || through_seq < room.snapshot_seq || through_seq > room.last_seq) {
    return Status::conflict;
  }
  known_.forget(name);
  return troubles_.conclude_write(swap(name, room, through_seq, snapshot), "replace");
}

int SqliteStore::swap(std::string_view name, Room room, uint64_t through_seq, Bytes snapshot) {
  Arrivals::Change change(arrivals_);
  Transaction transaction(file_.db());
  FRESHET_SQL(file_.begin(transaction));
  FRESHET_SQL(arrivals_.move_into_log(room.id));
  FRESHET_SQL(drop_updates(room, through_seq));
  {
    Use left(log_bytes_);
    if (const int code = left.bind(room.id).step(); code != SQLITE_ROW) return code;
    room.log_bytes = left.number(0);
  }
  room.snapshot_seq = through_seq;
  room.has_snapshot = true;
  room.snapshot_bytes = static_cast<int64_t>(snapshot.size());
  FRESHET_SQL(write_snapshot(room, snapshot));
  FRESHET_SQL(save(name, room));
  FRESHET_SQL(file_.commit(transaction));
  change.committed();
  return SQLITE_OK;
}

Status SqliteStore::put(std::string_view name, const freshet_epoch& epoch, Bytes snapshot) {
  if (snapshot.size() > kMaxValueBytes) return Status::too_large;
  known_.forget(name);
  return troubles_.conclude_write(begin_history(name, epoch, snapshot), "put");
}

int SqliteStore::begin_history(std::string_view name, const freshet_epoch& epoch, Bytes snapshot) {
  Room room;
  // That the row makes no sense is no reason to refuse what replaces it.
  const int code = find_row(name, room);
  if (code != SQLITE_OK && code != SQLITE_NOTFOUND) return code;
  room = {.id = room.id,
          .epoch = epoch,
          .last_seq = 0,
          .snapshot_seq = 0,
          .has_snapshot = true,
          .snapshot_bytes = static_cast<int64_t>(snapshot.size()),
          .log_bytes = 0};
  Arrivals::Change change(arrivals_);
  Transaction transaction(file_.db());
  FRESHET_SQL(file_.begin(transaction));
  FRESHET_SQL(arrivals_.move_into_log(room.id));
  if (room.id != 0) FRESHET_SQL(drop_updates(room, UINT64_MAX));
  FRESHET_SQL(save(name, room));
  FRESHET_SQL(write_snapshot(room, snapshot));
  FRESHET_SQL(file_.commit(transaction));
  change.committed();
  troubles_.mended(name);
  return SQLITE_OK;
}

Status SqliteStore::erase(std::string_view name) {
  known_.forget(name);
  Room room;
  int code = find_row(name, room);
  if (code != SQLITE_OK && code != SQLITE_NOTFOUND) {
    return troubles_.conclude_write(code, "erase");
  }
  troubles_.mended(name);
  bool any = code == SQLITE_OK;
  code = forget(name, room, any);
  if (code == SQLITE_OK && !any) return Status::not_found;
  return troubles_.conclude_write(code, "erase");
}

// With all that apps keep of it; that alone counts, too. A room without a row has the id 0, and
// there is nothing of that.
int SqliteStore::forget(std::string_view name, const Room& room, bool& any) {
  Arrivals::Change change(arrivals_);
  Transaction transaction(file_.db());
  FRESHET_SQL(file_.begin(transaction));
  FRESHET_SQL(arrivals_.move_into_log(room.id));
  FRESHET_SQL(drop_updates(room, UINT64_MAX));
  FRESHET_SQL(Use(delete_snapshot_).bind(room.id).finish());
  FRESHET_SQL(Use(delete_room_).bind(room.id).finish());
  bool kept_any = false;
  FRESHET_SQL(kept_.forget(name, kept_any));
  any = any || kept_any;
  FRESHET_SQL(file_.commit(transaction));
  change.committed();
  return SQLITE_OK;
}

// ---- rows --------------------------------------------------------------------------------------

int SqliteStore::save(std::string_view name, Room& room) {
  const bool is_new = room.id == 0;
  Use row(is_new ? insert_room_ : update_room_);
  row.bind(Bytes(room.epoch.bytes)).bind(room.last_seq).bind(room.snapshot_seq);
  if (room.has_snapshot) {
    row.bind(room.snapshot_bytes);
  } else {
    row.bind_null();
  }
  row.bind(room.log_bytes);
  if (is_new) {
    row.bind(name);
  } else {
    row.bind(room.id);
  }
  FRESHET_SQL(row.finish());
  if (is_new) room.id = sqlite3_last_insert_rowid(file_.db().handle());
  return SQLITE_OK;
}

int SqliteStore::write_snapshot(const Room& room, Bytes snapshot) {
  Use row(write_snapshot_);
  row.bind(room.id).bind(checksum(room, room.snapshot_seq, snapshot));
  return row.bind(snapshot).finish();
}

int SqliteStore::drop_updates(const Room& room, uint64_t through_seq) {
  const auto through = static_cast<int64_t>(std::min<uint64_t>(through_seq, INT64_MAX));
  return Use(delete_updates_).bind(room.id).bind(through).finish();
}

void SqliteStore::move_arrivals() {
  if (!arrivals_.known() || arrivals_.empty()) return;
  Arrivals::Change change(arrivals_);
  Transaction transaction(file_.db());
  const bool moved =
      file_.begin(transaction) == SQLITE_OK && arrivals_.move_into_log() == SQLITE_OK;
  if (moved && file_.commit(transaction) == SQLITE_OK) change.committed();
}

// ---- backup ------------------------------------------------------------------------------------

// Under another name until it is whole: a file called as the operator said is a good backup.
Status SqliteStore::backup(std::string_view path, Reply out) {
  const std::string to(path), part = to + ".part";
  const auto refuse = [&](Status status, const std::string& why) {
    const std::string trouble = "no backup at " + to + ": " + why;
    host_.error("store " + options_.path + ": " + trouble);
    return if_memory([&] {
      static_cast<void>(out.write(FRESHET_STORE_TROUBLE, trouble));
      return status;
    });
  };
  const auto refuse_place = [&](const std::error_code& error) {
    return refuse(Status::denied, "the user of the server cannot write there: " + reason_of(error));
  };
  if (path_exists(to)) return refuse(Status::conflict, "there is something of that name already");
  if (const std::error_code error = make_directory(directory_of(to))) return refuse_place(error);
  ::unlink(part.c_str());
  if (const std::error_code error = make_file(part)) return refuse_place(error);
  if (const int code = copy_to(part); code != SQLITE_OK) {
    const Status status = status_of(code);
    const Status answer = refuse(status, file_.db().complaint());
    ::unlink(part.c_str());
    return answer;
  }
  std::error_code error = sync_path(part);
  if (!error) error = rename_new(part, to);
  if (!error) error = sync_path(directory_of(to));
  if (error) {
    ::unlink(part.c_str());
    return refuse(error == std::errc::file_exists ? Status::conflict : Status::retry,
                  reason_of(error));
  }
  host_.info("store " + options_.path + ": backup written to " + to);
  return Status::ok;
}

int SqliteStore::copy_to(const std::string& path) {
  Statement vacuum;
  FRESHET_SQL(vacuum.prepare(file_.db(), "VACUUM INTO ?"));
  FRESHET_SQL(Use(vacuum).bind_text(path).finish());
  // The log of this file is not the copy's.
  Database copy;
  int code = copy.open(path, options_.vfs.empty() ? nullptr : options_.vfs.c_str());
  if (code == SQLITE_OK) code = copy.run(kDrawMark);
  if (code != SQLITE_OK) file_.db().complain(copy.complaint());
  return code;
}

}  // namespace freshet::sqlite
