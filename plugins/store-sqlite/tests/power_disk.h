// A disk in memory, for SQLite, that tells what was synced from what was only written, and can lose
// its power.
//
// While it has power it is a plain file system. A cut is set to come at the nth call that changes
// something; that call and all after it fail. restore() then decides, by chance, what the platters
// hold: everything synced, and of the rest any subset, down to single sectors of a write; of files
// made, deleted or shortened without a sync of their directory, either state. That is more than
// most disks do and no more than POSIX allows.
//
// SQLite is told that overwriting is safe (a write that is cut harms no byte outside of it), as it
// assumes of every disk by default.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace freshet::sqlite {

class PowerDisk {
 public:
  static constexpr size_t kSectorBytes = 512;

  PowerDisk();
  ~PowerDisk();
  PowerDisk(const PowerDisk&) = delete;
  PowerDisk& operator=(const PowerDisk&) = delete;

  // For sqlite3_open_v2, and Options::vfs.
  const std::string& vfs_name() const { return name_; }

  // Calls that changed something, or would have.
  uint64_t calls() const { return calls_; }

  // The power goes at the nth change from now, 1 being the next.
  void cut_at(uint64_t nth) { cut_at_ = calls_ + nth; }
  bool has_power() const { return power_; }
  // Decides what is left, and turns the power on. Every file must have been closed.
  void restore(std::mt19937_64& random);

  // The nth change from now, and `count` - 1 after it, answer `code` and do nothing.
  void fail_at(uint64_t nth, uint64_t count, int code) {
    fail_from_ = calls_ + nth;
    fail_until_ = fail_from_ + count;
    fail_code_ = code;
  }

  // Writes to files whose names end so answer `code`; SQLITE_OK: they work again.
  void fail_writes_to(std::string ending, int code) {
    bad_ending_ = std::move(ending);
    bad_code_ = code;
  }

  // Opening a file whose name ends so answers `code`; SQLITE_OK: it opens again. As a file without
  // permission does, which tests that run as root never meet.
  void fail_opens_of(std::string ending, int code) {
    shut_ending_ = std::move(ending);
    shut_code_ = code;
  }

  // Every reading answers `code`; SQLITE_OK: it works again.
  void fail_reads(int code) { read_code_ = code; }

  // Taking a lock answers `code`; SQLITE_OK: nobody else has one.
  void fail_locks(int code) { lock_code_ = code; }

  // Writes that would make the files longer than this together answer SQLITE_FULL.
  void set_capacity(uint64_t bytes) { capacity_ = bytes; }
  uint64_t used() const;

  // A disk that says "synced" and has done nothing.
  void ignore_syncs() { ignore_syncs_ = true; }

 private:
  struct Change {
    enum class Kind { write, truncate } kind;
    uint64_t at;  // offset of a write, new size of a truncation
    std::string bytes;
  };
  struct Inode {
    std::string live;             // what a reader sees
    std::string synced;           // what is sure to be on the platters
    std::vector<Change> pending;  // between the two, in order
  };
  using Names = std::map<std::string, size_t>;  // to an index of inodes_

  struct File;   // SQLite's handle
  struct Calls;  // the functions SQLite calls

  // SQLITE_OK if a change may happen now.
  int change();
  void sync_directory() { synced_names_ = names_; }
  static void apply(std::string& content, const Change& change);
  bool is_bad(size_t inode) const;
  static std::string survivor(const Inode& inode, std::mt19937_64& random);

  std::string name_;
  sqlite3_vfs vfs_{};
  std::vector<Inode> inodes_;
  Names names_, synced_names_;
  bool power_ = true;
  bool ignore_syncs_ = false;
  uint64_t calls_ = 0;
  uint64_t cut_at_ = UINT64_MAX;
  uint64_t fail_from_ = UINT64_MAX, fail_until_ = UINT64_MAX;
  int fail_code_ = SQLITE_IOERR;
  std::string bad_ending_;
  int bad_code_ = SQLITE_OK;
  std::string shut_ending_;
  int shut_code_ = SQLITE_OK;
  int read_code_ = SQLITE_OK;
  int lock_code_ = SQLITE_OK;
  uint64_t capacity_ = UINT64_MAX;
};

}  // namespace freshet::sqlite
