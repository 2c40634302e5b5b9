// plugins/store-sqlite/file/database_file.h: the file while a store is at work in it: its
// transactions, its write-ahead log, and whether it is still where a restart would look for it.
//
// Functions that answer an int answer SQLite's codes.
#pragma once

#include <cstdint>
#include <string>

#include "freshet/host.h"
#include "store-sqlite/database/database.h"
#include "store-sqlite/file/opening.h"
#include "store-sqlite/file/place.h"

namespace freshet::sqlite {

class DatabaseFile {
 public:
  // Borrows the options.
  DatabaseFile(const Options& options, Host host, Database db);
  DatabaseFile(const DatabaseFile&) = delete;
  DatabaseFile& operator=(const DatabaseFile&) = delete;

  // Both once, in this order, before anything else.
  int prepare();
  void start();

  Database& db() { return db_; }

  // Every transaction goes through these two.
  int begin(const Transaction& transaction);
  int commit(Transaction& transaction);
  // Whether the last one was committed while the files went away: on the disk or not, nobody was
  // told that it is saved. Asked once.
  bool take_unanswered() { return std::exchange(committed_unanswered_, false); }

  // Two looks at the file system: the files are where they were, and may be written.
  int look();
  // A transaction that changes nothing, for the disk to say what it thinks of one.
  int try_writing();

 private:
  // SQLite calls this after each commit with the length of the write-ahead log.
  static int on_commit(void* self, sqlite3* db, const char* schema, int wal_pages);
  // Folds the log into the file. A failure is no failure of the commit: the log is only longer.
  void checkpoint();
  int still_there();

  const Options& options_;
  const Host host_;
  Database db_;  // before the statement: destroyed after it
  Place place_;
  Statement draw_mark_;
  std::string checkpoint_trouble_;     // the failure last told of; empty while all is well
  bool log_folded_ = false;            // nothing is in the log that the file has not
  bool committed_unanswered_ = false;  // see take_unanswered()
  int64_t page_bytes_ = 0;
  Metric commits_, commit_microseconds_, wal_bytes_;
};

}  // namespace freshet::sqlite
