// plugins/store-sqlite/sqlite_store.h: the embedded store, one SQLite file.
//
// Each call is one transaction in a write-ahead log, synced before it is answered: what a call
// answered OK survives a power cut, and of one that did not nothing is there. A call blocks for as
// long as the disk takes. Called by one thread at a time.
//
// When the disk refuses (full, read-only, an error), or the files are no longer where a restart
// would look for them, calls answer Status::retry; the log has a line when that begins, when the
// reason changes and when it ends. A room whose stored bytes are not those that were written
// answers Status::corrupt, with its name in the log.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "freshet/plugin.h"
#include "plugin_version.h"
#include "store-sqlite/answered_batches.h"
#include "store-sqlite/arrivals.h"
#include "store-sqlite/database/database.h"
#include "store-sqlite/file/database_file.h"
#include "store-sqlite/file/opening.h"
#include "store-sqlite/file/troubles.h"
#include "store-sqlite/known_rooms.h"
#include "store-sqlite/limits.h"
#include "store-sqlite/sqlite_kept.h"
#include "store-sqlite/sqlite_outbox.h"

namespace freshet::sqlite {

class SqliteStore final : public Store {
 public:
  static constexpr freshet_setting kSettings[] = {
      setting::text("path", "data/freshet.db",
                    "The database file; made when missing, and its directory too."),
      setting::choice("integrity", "quick", "quick|full|off",
                      "How much of the file is checked at start: its structure, also its indexes, "
                      "or nothing."),
      setting::integer("lock_wait_ms", "5 s", 0, kMaxLockWaitMs, "ms",
                       "How long to wait at start for another process to let go of the file."),
      setting::integer("cache_bytes", "16 MiB", kMinCacheBytes, kMaxCacheBytes, "bytes",
                       "Memory for pages of the file."),
      setting::integer("checkpoint_bytes", "16 MiB", kMinCheckpointBytes, kMaxCheckpointBytes,
                       "bytes",
                       "Length of the write-ahead log at which it is folded into the file."),
      setting::integer("outbox_max_entries", "1000000", 1, kMaxOutboxEntries, nullptr,
                       "Entries that a plugin may have waiting in the outbox, and as many dead."),
      setting::integer("outbox_max_bytes", "1 GiB", kMinOutboxBytes, kMaxOutboxBytes, "bytes",
                       "The same in bytes."),
      setting::integer("outbox_key_max_entries", "10000", 1, kMaxOutboxEntries, nullptr,
                       "Entries of one room that a plugin may have waiting in the outbox."),
      setting::integer("outbox_key_max_bytes", "64 MiB", kMinOutboxBytes, kMaxOutboxBytes, "bytes",
                       "The same in bytes; one entry may be larger."),
  };
  static constexpr About kAbout{
      .id = "store-sqlite",
      .version = kPluginVersion,
      .summary = "Keeps rooms in one SQLite file.",
      .settings = kSettings,
  };

  static Options read_settings(Given given, Faults& faults);
  static Result<std::unique_ptr<SqliteStore>> create(Host host, const Options& options);
  static Status restore(Host host, std::string_view path, const Options& options);
  // What has arrived moves into the log, if the disk lets it.
  ~SqliteStore();

  Status load(std::string_view room, Reply out) override;
  Status append(const freshet_batch& batch, Reply out) override;
  Status replace(std::string_view room, const freshet_epoch& epoch, uint64_t through_seq,
                 Bytes snapshot) override;
  Status put(std::string_view room, const freshet_epoch& epoch, Bytes snapshot) override;
  Status erase(std::string_view room) override;
  Status list(std::string_view after, uint32_t limit, Reply out) override;
  Status info(std::string_view room, Reply out) override;
  Status backup(std::string_view path, Reply out) override;
  Status check(Reply out) override;
  StoreOutbox* outbox() override { return &outbox_; }
  StoreKept* kept() override { return &kept_; }

 private:
  // A room that a batch appends to, with what the batch adds to it.
  struct Growing {
    std::string_view name;
    Room room;
    Status fault = Status::ok;  // why the batch cannot be written, if it is for this room
  };
  // What a batch does to its rooms, decided before anything is written.
  struct Plan;

  SqliteStore(Options options, Host host, Database db);

  // What a stored value must still be when it is read: these bytes, at this place of this history.
  static int64_t checksum(const Room& room, uint64_t seq, Bytes data);

  // The functions that answer an int answer SQLite's codes.
  int prepare();
  int know();  // REQUIRED before known_ and arrivals_ are asked
  int find_row(std::string_view name, Room& room);  // SQLITE_NOTFOUND: no such room
  // The same; SQLITE_CORRUPT: not sound. REQUIRES: no transaction is open.
  int find(std::string_view name, Room& room);
  int save(std::string_view name, Room& room);  // gives a new room its id
  int write_snapshot(const Room& room, Bytes snapshot);
  int drop_updates(const Room& room, uint64_t through_seq);

  static Status fault_of(const freshet_append& entry, const Growing& growing);
  int start_growing(const freshet_append& entry, Growing& growing);
  int plan(std::span<const freshet_append> entries, Plan& plan);
  bool has_arrivals(const Plan& plan) const;  // of one of its rooms
  int write(std::span<const freshet_append> entries, Plan& plan, std::vector<Appended>& appended);
  // As the next of its room.
  int add_update(Room& room, const freshet_append& entry, bool arrives);
  static Status answer(const freshet_batch& batch, const std::vector<Appended>& appended,
                       Reply out);
  int swap(std::string_view name, Room room, uint64_t through_seq, Bytes snapshot);
  int begin_history(std::string_view name, const freshet_epoch& epoch, Bytes snapshot);
  int forget(std::string_view name, const Room& room, bool& any);
  int copy_to(const std::string& path);

  Status load_snapshot(std::string_view name, const Room& room, Reply out);
  Status load_updates(std::string_view name, const Room& room, Reply out);
  // `last`: the sequence before the first; then that of the last that was read.
  Status load_rows(Statement& rows, std::string_view name, const Room& room, uint64_t& last,
                   Reply out);
  void move_arrivals();

  const Options options_;
  const Host host_;
  DatabaseFile file_;  // before the statements: destroyed after them
  Troubles troubles_;
  Statement find_, insert_room_, update_room_, delete_room_;
  Statement insert_update_, delete_updates_, log_bytes_, select_updates_;
  Statement write_snapshot_, delete_snapshot_, select_snapshot_;
  Statement list_;
  SqliteOutbox outbox_;
  SqliteKept kept_;

  Arrivals arrivals_;
  AnsweredBatches answered_;
  KnownRooms known_;
  Metric updates_, bytes_;
};

}  // namespace freshet::sqlite
