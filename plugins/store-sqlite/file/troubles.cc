#include "store-sqlite/file/troubles.h"

#include <utility>

#include "freshet/format/shown_name.h"
#include "store-sqlite/limits.h"

namespace freshet::sqlite {

namespace {

constexpr const char* kWhenGone =
    ". Put it back where it was. If it is lost: what was saved can still be read here, so "
    "`freshet rooms backup COPY`, then stop the server and `freshet rooms restore COPY`";

}  // namespace

Troubles::Troubles(std::string path, Host host, Database& db)
    : path_(std::move(path)),
      host_(host),
      db_(db),
      failures_(host.counter("freshet_store_failures_total", "Writes that failed.")),
      failing_(host.gauge("freshet_store_failing", "1 while the last write has failed.")) {}

Status Troubles::conclude_write(int code, std::string_view doing) {
  if (status_of(code) != Status::ok) failures_.add();
  tell(code, doing);
  return status_of(code);
}

void Troubles::tell(int code, std::string_view doing) {
  const Status status = status_of(code);
  failing_.set(status == Status::ok ? 0 : 1);
  if (status == Status::ok) {
    if (!last_.empty()) host_.info("store " + path_ + ": writing works again");
    last_.clear();
    return;
  }
  std::string trouble = db_.complaint();
  if (trouble == last_) return;
  host_.error("store " + path_ + ": cannot " + std::string(doing) + ": " + trouble +
              (status == Status::retry ? ". Nothing is acknowledged until this is mended; it is "
                                         "tried again"
                                       : "") +
              (code == SQLITE_READONLY_DBMOVED ? kWhenGone : ""));
  last_ = std::move(trouble);
}

Status Troubles::conclude_read(int code, std::string_view room) {
  const Status status = status_of(code);
  // Not SQLite's own words: the damage may be one that only this store sees.
  if (status == Status::corrupt) return damaged(room, sqlite3_errstr(code));
  const std::string why = db_.complaint();
  if (why != last_) host_.error("store " + path_ + ": cannot read: " + why);
  last_ = why;
  return status;
}

Status Troubles::damaged(std::string_view room, std::string_view how) {
  if (damaged_.contains(room)) return Status::corrupt;
  if (damaged_.size() >= kMaxDamagedRoomsTold) damaged_.clear();
  damaged_.emplace(room);
  host_.error("store " + path_ + ": room \"" + shown_name(room) + "\" is damaged: " +
              std::string(how) + ". It stays closed; restore it from a backup, or delete it");
  return Status::corrupt;
}

void Troubles::mended(std::string_view room) {
  if (const auto it = damaged_.find(room); it != damaged_.end()) damaged_.erase(it);
}

}  // namespace freshet::sqlite
