#include "store-sqlite/file/database_file.h"

#include <chrono>
#include <cstdlib>
#include <utility>

#include "store-sqlite/file/log_mark.h"

namespace freshet::sqlite {

DatabaseFile::DatabaseFile(const Options& options, Host host, Database db)
    : options_(options),
      host_(host),
      db_(std::move(db)),
      commits_(host.counter("freshet_store_commits_total", "Transactions on the disk.")),
      commit_microseconds_(host.counter("freshet_store_commit_microseconds_total",
                                        "Time spent waiting for the disk to commit.")),
      wal_bytes_(host.gauge("freshet_store_wal_bytes", "Length of the write-ahead log.")) {}

int DatabaseFile::prepare() {
  FRESHET_SQL(draw_mark_.prepare(db_, kDrawMark));
  std::string page;
  FRESHET_SQL(db_.ask("PRAGMA page_size", page));
  page_bytes_ = std::strtoll(page.c_str(), nullptr, 10);
  sqlite3_wal_hook(db_.handle(), on_commit, this);
  return SQLITE_OK;
}

void DatabaseFile::start() {
  log_folded_ = begin_log(db_);
  if (options_.vfs.empty()) place_ = Place(db_, options_.path);
}

int DatabaseFile::begin(const Transaction& transaction) {
  committed_unanswered_ = false;
  FRESHET_SQL(transaction.begun());
  FRESHET_SQL(still_there());
  return log_folded_ ? Use(draw_mark_).finish() : SQLITE_OK;
}

// Looked at again once all is on the disk: what was committed to a file that is gone by then is not
// saved.
int DatabaseFile::commit(Transaction& transaction) {
  const auto begun = std::chrono::steady_clock::now();
  FRESHET_SQL(transaction.commit());
  const int there = still_there();
  committed_unanswered_ = there != SQLITE_OK;
  FRESHET_SQL(there);
  const auto took = std::chrono::steady_clock::now() - begun;
  commits_.add();
  commit_microseconds_.add(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  return SQLITE_OK;
}

int DatabaseFile::look() {
  FRESHET_SQL(still_there());
  if (!place_.read_only()) return SQLITE_OK;
  db_.complain("its file system is read-only");
  return SQLITE_READONLY;
}

int DatabaseFile::still_there() {
  std::string trouble = place_.trouble();
  if (trouble.empty()) return SQLITE_OK;
  db_.complain(std::move(trouble));
  return SQLITE_READONLY_DBMOVED;
}

int DatabaseFile::try_writing() {
  Transaction transaction(db_);
  FRESHET_SQL(begin(transaction));
  FRESHET_SQL(db_.run("UPDATE log_mark SET mark = mark"));
  return commit(transaction);
}

int DatabaseFile::on_commit(void* self, sqlite3*, const char*, int wal_pages) {
  auto& file = *static_cast<DatabaseFile*>(self);
  file.log_folded_ = false;
  const int64_t wal_bytes = wal_pages * file.page_bytes_;
  file.wal_bytes_.set(wal_bytes);
  if (wal_bytes >= file.options_.checkpoint_bytes) file.checkpoint();
  return SQLITE_OK;
}

void DatabaseFile::checkpoint() {
  const int code = fold_log(db_, log_folded_);
  std::string trouble = code == SQLITE_OK ? std::string() : db_.complaint();
  if (trouble == checkpoint_trouble_) return;
  if (trouble.empty()) {
    host_.info("store " + options_.path + ": the write-ahead log is folded into the file again");
  } else {
    host_.error("store " + options_.path + ": cannot fold the write-ahead log into the file: " +
                trouble + ". Nothing is lost, but the log grows until this is mended");
  }
  checkpoint_trouble_ = std::move(trouble);
}

}  // namespace freshet::sqlite
