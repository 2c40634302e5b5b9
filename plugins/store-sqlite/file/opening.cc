#include "store-sqlite/file/opening.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "freshet/format/reason.h"
#include "store-sqlite/database/schema.h"
#include "store-sqlite/file/directory.h"
#include "store-sqlite/file/lock_owner.h"
#include "store-sqlite/file/log_mark.h"
#include "store-sqlite/limits.h"

namespace freshet::sqlite {

namespace {

// The first bytes of an SQLite file, by its documented layout.
constexpr size_t kHeaderBytes = 100;
constexpr size_t kVersionAt = 60;      // user_version, big-endian
constexpr size_t kApplicationAt = 68;  // application_id, big-endian
constexpr char kMagic[16] = "SQLite format 3";

using Header = std::array<uint8_t, kHeaderBytes>;

uint32_t big_endian(const Header& header, size_t at) {
  return uint32_t{header[at]} << 24 | uint32_t{header[at + 1]} << 16 |
         uint32_t{header[at + 2]} << 8 | header[at + 3];
}

// Reads the header without letting SQLite open a database: it would roll back a journal that lies
// beside it, and the file may not be ours. Through the VFS, because a plain close() would drop the
// locks of another store in this process. What is past the end of the file reads as zero.
int read_header(const Options& options, Header& header) {
  header.fill(0);
  sqlite3_vfs* vfs = sqlite3_vfs_find(options.vfs.empty() ? nullptr : options.vfs.c_str());
  if (vfs == nullptr) return SQLITE_ERROR;
  std::string full(static_cast<size_t>(vfs->mxPathname) + 1, '\0');
  // With SQLITE_OK_SYMLINK, which is no failure.
  const int named = vfs->xFullPathname(vfs, options.path.c_str(), vfs->mxPathname, full.data());
  if ((named & 0xff) != SQLITE_OK) return named;
  const char* name = sqlite3_create_filename(full.c_str(), "", "", 0, nullptr);
  if (name == nullptr) return SQLITE_NOMEM;

  // malloc's alignment is what a VFS expects of the memory it builds its file object in.
  const std::unique_ptr<void, void (*)(void*)> memory(sqlite3_malloc(vfs->szOsFile),
                                                      [](void* p) { sqlite3_free(p); });
  int code = SQLITE_NOMEM;
  if (memory != nullptr) {
    std::memset(memory.get(), 0, static_cast<size_t>(vfs->szOsFile));
    auto* file = static_cast<sqlite3_file*>(memory.get());
    code = vfs->xOpen(vfs, name, file, SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB, nullptr);
    if (code == SQLITE_OK) {
      code = file->pMethods->xRead(file, header.data(), static_cast<int>(header.size()), 0);
    }
    if (file->pMethods != nullptr) file->pMethods->xClose(file);
    if (code == SQLITE_IOERR_SHORT_READ) code = SQLITE_OK;
    // A VFS that keeps its files elsewhere has none yet.
    if (code == SQLITE_CANTOPEN && !options.vfs.empty()) code = SQLITE_OK;
  }
  sqlite3_free_filename(name);
  return code;
}

// A path that can be no file is its writer's mistake; what else is in the way (rights, a full disk)
// may be out of it another time.
Status status_of_path(const std::error_code& error) {
  for (const std::errc never :
       {std::errc::not_a_directory, std::errc::is_a_directory, std::errc::filename_too_long,
        std::errc::too_many_symbolic_link_levels, std::errc::invalid_argument}) {
    if (error == never) return Status::malformed;
  }
  return Status::retry;
}

// One opening of a file: every step says in the log why it failed.
class Opening {
 public:
  Opening(const Options& options, const Host& host) : options_(options), host_(host) {}

  Result<Database> run() {
    FRESHET_CHECK(make_places());
    FRESHET_CHECK(judge_header());
    FRESHET_CHECK(take_hold());
    FRESHET_CHECK(judge_version());
    FRESHET_CHECK(judge_log());
    FRESHET_CHECK(check_integrity());
    FRESHET_CHECK(prepare_writing());
    return std::move(db_);
  }

 private:
  Status refuse(Status status, const std::string& reason) const {
    host_.error(options_.name() + ": " + reason);
    return status;
  }
  const char* vfs_name() const { return options_.vfs.empty() ? nullptr : options_.vfs.c_str(); }

  Status refuse_code(int code, const std::string& doing) {
    const Status status = status_of(code);
    return refuse(status == Status::ok ? Status::internal : status,
                  "cannot " + doing + ": " + db_.complaint());
  }

  Status make_places() {
    const std::string directory = directory_of(options_.path);
    if (const std::error_code error = make_directory(directory)) {
      return refuse(status_of_path(error), "cannot make its directory: " + reason_of(error));
    }
    // SQLite would delete the log of an empty file.
    if (!path_exists(options_.path) && has_log(options_.path)) return refuse_log_without_file();
    const std::error_code error = make_file(options_.path);
    if (error && error != std::errc::file_exists) {
      return refuse(status_of_path(error), "cannot make the file: " + reason_of(error));
    }
    return Status::ok;
  }

  Status judge_header() {
    Header header;
    if (const int code = read_header(options_, header); code != SQLITE_OK) {
      return refuse(status_of(code), std::string("cannot read the file: ") + sqlite3_errstr(code));
    }
    // Empty, or a first start that was cut short before its first commit.
    if (std::all_of(header.begin(), header.end(), [](uint8_t b) { return b == 0; })) {
      return options_.vfs.empty() && has_log(options_.path) ? refuse_log_without_file()
                                                            : Status::ok;
    }
    if (std::memcmp(header.data(), kMagic, sizeof(kMagic)) != 0) {
      return refuse(Status::corrupt,
                    "this is no SQLite database. If it ever was a Freshet store it is damaged: "
                    "restore a backup. It has not been touched");
    }
    if (big_endian(header, kApplicationAt) != kApplicationId) {
      return refuse(Status::unsupported,
                    "this SQLite database belongs to another program. Choose another `path`. It "
                    "has not been touched");
    }
    return judge_version(big_endian(header, kVersionAt));
  }

  Status judge_version(int64_t version) const {
    if (version <= newest_version()) return Status::ok;
    return refuse(Status::unsupported,
                  "this store was written by a newer Freshet (schema " + std::to_string(version) +
                      ", this one knows up to " + std::to_string(newest_version()) +
                      "). Run that version again, or restore a backup of before the upgrade. It "
                      "has not been touched");
  }

  // From here on SQLite has the file, and nobody else.
  Status take_hold() {
    if (const int code = db_.open(options_.path, vfs_name()); code != SQLITE_OK) {
      return refuse_code(code, "open the file");
    }
    // A file we turn down keeps its write-ahead log as it is.
    sqlite3_db_config(db_.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    sqlite3_db_config(db_.handle(), SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_busy_timeout(db_.handle(), static_cast<int>(options_.lock_wait_ms));
    // EXTRA: a transaction with a rollback journal, as the one that makes the file, also waits for
    // the directory.
    int code = db_.run("PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = EXTRA");
    // Not committed before the tables are there: a file is never ours only by half.
    if (code == SQLITE_OK) code = db_.run("BEGIN EXCLUSIVE");
    if ((code & 0xff) == SQLITE_BUSY) return refuse(Status::retry, held_by_another());
    if (status_of(code) == Status::corrupt) return refuse_damaged(db_.complaint());
    return code == SQLITE_OK ? Status::ok : refuse_code(code, "lock the file");
  }

  std::string held_by_another() const {
    const std::string owner = lock_owner(options_.path);
    return "another process " + (owner.empty() ? std::string() : "(" + owner + ") ") +
           "has this file open, and a store has one owner. Stop the other server, or give this "
           "one another `path`; `freshet rooms` reaches a running server through its admin socket";
  }

  // What a person who put a copy in the place of the file by hand has to know.
  Status refuse_log() const {
    const std::string log = options_.path + "-wal";
    return refuse(Status::conflict,
                  "the write-ahead log beside it (" + log +
                      ") belongs to another file; was a copy put in its place by hand? To go back "
                      "to a copy: `freshet rooms restore COPY`. To use the file as it is: move "
                      "that log away. Neither has been touched");
  }

  Status refuse_log_without_file() const {
    return refuse(Status::conflict,
                  "the file is missing or empty, and its write-ahead log (" + options_.path +
                      "-wal) is there: without the file nothing can be read from it. Put the file "
                      "back, or `freshet rooms restore COPY`; to begin with nothing, move that "
                      "log away. It has not been touched");
  }

  Status refuse_damaged(const std::string& how) {
    const char* vfs = vfs_name();
    if (has_log(options_.path) && !log_belongs(db_, vfs) && whole_without_log(db_, vfs)) {
      return refuse_log();
    }
    return refuse(Status::corrupt,
                  "the file is damaged: " + how +
                      ". Restore a backup: `freshet rooms restore COPY`. It has not been touched");
  }

  Status judge_version() {
    std::string version;
    int code = db_.ask("PRAGMA user_version", version);
    // The header judged above may be older than what the write-ahead log has.
    if (code == SQLITE_OK) FRESHET_CHECK(judge_version(std::strtoll(version.c_str(), nullptr, 10)));
    version_ = std::strtoll(version.c_str(), nullptr, 10);
    if (status_of(code) == Status::corrupt) return refuse_damaged(db_.complaint());
    return code == SQLITE_OK ? Status::ok : refuse_code(code, "read the file");
  }

  Status judge_log() {
    return version_ == 0 || log_belongs(db_, vfs_name()) ? Status::ok : refuse_log();
  }

  Status check_integrity() {
    if (version_ == 0 || options_.integrity == Integrity::off) return Status::ok;
    const std::string pragma =
        options_.integrity == Integrity::full ? "integrity_check" : "quick_check";
    Statement statement;
    int code = statement.prepare(
        db_, "PRAGMA " + pragma + "(" + std::to_string(kMaxLoggedComplaints) + ")");
    std::string complaints;
    if (code == SQLITE_OK) {
      Use use(statement);
      while ((code = use.step()) == SQLITE_ROW) {
        if (const auto line = as_text(use.bytes(0)); line != "ok") {
          complaints += (complaints.empty() ? "" : "; ") + std::string(line);
        }
      }
    }
    if (!complaints.empty()) return refuse_damaged(complaints);
    if (status_of(code) == Status::corrupt) return refuse_damaged(db_.complaint());
    return code == SQLITE_DONE ? Status::ok : refuse_code(code, "check the file");
  }

  Status prepare_writing() {
    int code = migrate(db_, version_, migrations());
    if (code == SQLITE_OK) code = db_.run("COMMIT");
    if (code != SQLITE_OK) return refuse_code(code, "bring the file to this version's schema");
    std::string mode;
    code = db_.ask("PRAGMA journal_mode = WAL", mode);
    if (code == SQLITE_OK && mode != "wal") {
      return refuse(Status::unsupported, "this file system does not take a write-ahead log");
    }
    if (code == SQLITE_OK) code = set_sizes();
    if (code != SQLITE_OK) return refuse_code(code, "set the file up for writing");
    sqlite3_db_config(db_.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
    return Status::ok;
  }

  int set_sizes() {
    const std::string settings =
        "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
        "PRAGMA cache_size = -" +
        std::to_string(options_.cache_bytes / 1024) +
        ";"
        // The store does that itself, to tell of failures.
        "PRAGMA wal_autocheckpoint = 0;"
        // A large snapshot makes the log large: give that back at the next checkpoint.
        "PRAGMA journal_size_limit = " +
        std::to_string(options_.checkpoint_bytes);
    return db_.run(settings.c_str());
  }

  const Options& options_;
  const Host& host_;
  Database db_;
  int64_t version_ = 0;
};

}  // namespace

Result<Database> open_file(const Options& options, const Host& host) {
  return Opening(options, host).run();
}

}  // namespace freshet::sqlite
