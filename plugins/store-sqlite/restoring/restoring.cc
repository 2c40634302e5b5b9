#include "store-sqlite/restoring/restoring.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
#include <filesystem>

#include "freshet/format/reason.h"
#include "store-sqlite/file/directory.h"
#include "store-sqlite/file/lock_owner.h"
#include "store-sqlite/file/log_mark.h"
#include "store-sqlite/restoring/new_epochs.h"

namespace freshet::sqlite {

namespace {

// What SQLite may have beside a file.
constexpr const char* kCompanions[] = {"-wal", "-journal", "-shm"};

// The bytes SQLite locks, whatever is in the file.
constexpr off_t kLockedAt = 0x40000000;
constexpr off_t kLockedBytes = 512;

std::error_code last_error() { return {errno, std::generic_category()}; }

// "20261129T001502Z"
std::string stamp_now() {
  const std::time_t now = std::time(nullptr);
  struct tm utc{};
  ::gmtime_r(&now, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &utc)};
}

// A lock that keeps SQLite out of a file, also of one that is no database. Ends with this.
class Hold {
 public:
  Hold() = default;
  ~Hold() {
    if (fd_ >= 0) ::close(fd_);
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

  // std::errc::resource_unavailable_try_again: another process has it.
  std::error_code take(const std::string& path) {
    fd_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (fd_ < 0) return last_error();
    struct flock all{};
    all.l_type = F_WRLCK;
    all.l_whence = SEEK_SET;
    all.l_start = kLockedAt;
    all.l_len = kLockedBytes;
    // Of this descriptor, not of this process: whoever opens the file again does not end it.
    return ::fcntl(fd_, F_OFD_SETLK, &all) == 0 ? std::error_code{} : last_error();
  }

 private:
  int fd_ = -1;
};

class Restoring {
 public:
  Restoring(const Options& options, std::string backup, const Host& host)
      : options_(options),
        path_(real(options.path)),
        backup_(std::move(backup)),
        stamp_(stamp_now()),
        new_(path_ + ".restoring-" + stamp_),
        host_(host) {}
  ~Restoring() { remove_with_companions(new_); }

  Status run() {
    FRESHET_CHECK(hold_old());
    FRESHET_CHECK(copy_backup());
    FRESHET_CHECK(renew());
    FRESHET_CHECK(set_old_aside());
    FRESHET_CHECK(put_in_place());
    host_.info(options_.name() + ": restored from " + backup_ + ": " + std::to_string(rooms_) +
               (rooms_ == 1 ? " room" : " rooms") + ", each with a new epoch" +
               (kept_ ? ". What was there before is " + aside_ : ""));
    return Status::ok;
  }

 private:
  // Through links: the new file comes where they lead to.
  static std::string real(const std::string& path) {
    std::error_code error;
    const auto out = std::filesystem::weakly_canonical(path, error);
    return error ? path : out.string();
  }

  static void remove_with_companions(const std::string& path) {
    for (const char* companion : kCompanions) ::unlink((path + companion).c_str());
    ::unlink(path.c_str());
  }

  Status refuse(Status status, const std::string& why) const {
    host_.error(options_.name() + ": " + why + ". It is as it was");
    return status;
  }
  Status refuse(const std::error_code& error, const std::string& doing) const {
    return refuse(error == std::errc::no_such_file_or_directory ? Status::malformed : Status::retry,
                  "cannot " + doing + ": " + reason_of(error));
  }

  Status hold_old() {
    if (const auto error = make_directory(directory_of(path_))) {
      return refuse(error, "make its directory");
    }
    had_old_ = path_exists(path_);
    const std::error_code error = had_old_ ? old_.take(path_) : std::error_code{};
    if (error == std::errc::resource_unavailable_try_again ||
        error == std::errc::permission_denied) {
      const std::string owner = lock_owner(path_);
      return refuse(Status::retry, "another process " +
                                       (owner.empty() ? std::string() : "(" + owner + ") ") +
                                       "has this file open: stop the server first");
    }
    return error ? refuse(error, "hold it") : Status::ok;
  }

  // With its log, if it is a file that somebody copied together with that.
  Status copy_backup() {
    std::error_code error;
    if (std::filesystem::equivalent(backup_, path_, error)) {
      return refuse(Status::malformed, backup_ + " is the store itself, and no backup of it");
    }
    if (!std::filesystem::is_regular_file(backup_, error)) {
      return refuse(Status::malformed, backup_ + " is not there, or is no file");
    }
    if (std::filesystem::file_size(backup_, error) == 0) {
      return refuse(Status::corrupt, backup_ + " is empty");
    }
    error = copy(backup_, new_);
    if (!error && has_log(backup_)) error = copy(real(backup_) + "-wal", new_ + "-wal");
    return error ? refuse(error, "copy " + backup_) : Status::ok;
  }

  // For its owner alone, and on the disk.
  static std::error_code copy(const std::string& from, const std::string& to) {
    if (const std::error_code error = make_file(to)) return error;
    std::error_code error;
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing, error);
    if (!error) std::filesystem::permissions(to, std::filesystem::perms(0600), error);
    return error ? error : sync_path(to);
  }

  // Judged as every file is that a store opens, and more of it.
  Status renew() {
    Options options = options_;
    options.path = new_;
    options.called = "backup " + backup_;
    options.integrity = Integrity::full;
    FRESHET_TRY(Database db, open_file(options, host_));
    FRESHET_CHECK(begin_histories(db));
    db = {};  // folds its log in, and deletes it
    if (path_exists(new_ + "-wal")) {
      return refuse(Status::retry, "cannot finish the copy: its log is left over");
    }
    const std::error_code error = sync_path(new_);
    return error ? refuse(error, "write the copy") : Status::ok;
  }

  Status begin_histories(Database& db) {
    NewEpochs epochs(db);
    int code = epochs.draw();
    if (code == SQLITE_OK) code = db.run(kDrawMark);  // the log of the old file is not its own
    if (code != SQLITE_OK) {
      return refuse(status_of(code), "cannot give rooms new epochs: " + db.complaint());
    }
    rooms_ = epochs.rooms();
    for (const std::string& room : epochs.damaged()) {
      host_.warn("backup " + backup_ + ": room \"" + room +
                 "\" is damaged in it, and stays closed");
    }
    return Status::ok;
  }

  // A second name for each file, of what is left of them: they stay where they are until the new
  // one is there.
  Status set_old_aside() {
    for (int n = 1; aside_.empty() || path_exists(aside_); ++n) {
      aside_ = path_ + ".before-" + stamp_ + (n > 1 ? "-" + std::to_string(n) : "");
    }
    std::error_code error;
    for (const char* part : {"", "-wal", "-journal", "-shm"}) {
      if (error || !path_exists(path_ + part)) continue;
      error = name_also(path_ + part, aside_ + part);
      kept_ = true;
    }
    if (!error) error = sync_path(directory_of(path_));
    if (!error) return Status::ok;
    remove_with_companions(aside_);
    return refuse(error, "set the old file aside");
  }

  // By a copy where the file system has no links.
  static std::error_code name_also(const std::string& from, const std::string& to) {
    if (::link(from.c_str(), to.c_str()) == 0) return {};
    return errno == EEXIST ? last_error() : copy(from, to);
  }

  Status put_in_place() {
    // One that has appeared meanwhile is not written over.
    std::error_code error;
    if (had_old_) {
      std::filesystem::rename(new_, path_, error);
    } else {
      error = rename_new(new_, path_);
    }
    if (error) {
      remove_with_companions(aside_);
      return refuse(error, "put the copy in its place");
    }
    for (const char* companion : kCompanions) ::unlink((path_ + companion).c_str());
    error = sync_path(directory_of(path_));
    if (!error) return Status::ok;
    host_.error(
        options_.name() +
        ": the copy is in its place, and its directory cannot be synced: " + reason_of(error));
    return Status::retry;
  }

  const Options& options_;
  const std::string path_, backup_, stamp_, new_;
  const Host& host_;
  Hold old_;
  bool had_old_ = false;
  std::string aside_;
  bool kept_ = false;  // something is there now
  uint64_t rooms_ = 0;
};

}  // namespace

Status restore_file(const Options& options, const std::string& backup, const Host& host) {
  return Restoring(options, backup, host).run();
}

}  // namespace freshet::sqlite
