#include "store-sqlite/database/database.h"

#include <cstring>
#include <utility>

#include "freshet/format/reason.h"

namespace freshet::sqlite {

Status status_of(int code) {
  switch (code) {
    case SQLITE_IOERR_DATA:
    case SQLITE_IOERR_CORRUPTFS: return Status::corrupt;
    default: break;
  }
  switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return Status::ok;
    case SQLITE_FULL:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL: return Status::retry;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT: return Status::corrupt;
    case SQLITE_TOOBIG: return Status::too_large;
    default: return Status::internal;
  }
}

int Database::open(const std::string& path, const char* vfs) {
  return open_with(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, vfs);
}

int Database::open_read_only(const std::string& uri, const char* vfs) {
  return open_with(uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, vfs);
}

int Database::open_with(const std::string& name, int flags, const char* vfs) {
  sqlite3* opened = nullptr;
  // The host calls a store from one worker at a time, so SQLite need not lock on its own.
  const int code = sqlite3_open_v2(name.c_str(), &opened, flags | SQLITE_OPEN_NOMUTEX, vfs);
  handle_.reset(opened);
  if (opened != nullptr) sqlite3_extended_result_codes(opened, 1);
  return code;
}

int Database::run(const char* sql) {
  return sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr);
}

int Database::ask(const char* sql, std::string& out) {
  out.clear();
  Statement statement;
  FRESHET_SQL(statement.prepare(*this, sql));
  Use use(statement);
  const int code = use.step();
  if (code == SQLITE_ROW) out = as_text(use.bytes(0));
  return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

void Database::keep_complaint() {
  if (kept_.empty()) kept_ = complaint();
}

std::string Database::complaint() {
  if (!kept_.empty()) return std::exchange(kept_, {});
  if (handle() == nullptr) return "out of memory";
  std::string text = sqlite3_errmsg(handle());
  const int system = sqlite3_system_errno(handle());
  const int code = sqlite3_errcode(handle()) & 0xff;
  const bool about_the_system =
      code == SQLITE_IOERR || code == SQLITE_FULL || code == SQLITE_CANTOPEN;
  if (about_the_system && system != 0) text += " (" + reason_of(system) + ")";
  return text;
}

int Statement::prepare(const Database& db, std::string_view sql) {
  sqlite3_stmt* made = nullptr;
  const int code = sqlite3_prepare_v3(db.handle(), sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  statement_.reset(made);
  return code;
}

Use& Use::bind(int64_t number) {
  const int code = sqlite3_bind_int64(s_, next_++, number);
  if (bound_ == SQLITE_OK) bound_ = code;
  return *this;
}

Use& Use::bind(Bytes bytes) {
  // A null pointer would bind NULL, which is not the empty value.
  const void* data = bytes.empty() ? static_cast<const void*>("") : bytes.data();
  const int code = sqlite3_bind_blob64(s_, next_++, data, bytes.size(), SQLITE_STATIC);
  if (bound_ == SQLITE_OK) bound_ = code;
  return *this;
}

Use& Use::bind_text(std::string_view text) {
  const int code =
      sqlite3_bind_text64(s_, next_++, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  if (bound_ == SQLITE_OK) bound_ = code;
  return *this;
}

Use& Use::bind_null() {
  const int code = sqlite3_bind_null(s_, next_++);
  if (bound_ == SQLITE_OK) bound_ = code;
  return *this;
}

int Use::step() { return bound_ != SQLITE_OK ? bound_ : sqlite3_step(s_); }

int Use::finish() {
  const int code = step();
  return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

Bytes Use::bytes(int column) const {
  // In this order: asking for the pointer may change the size, not the other way round.
  const void* data = sqlite3_column_blob(s_, column);
  const int size = sqlite3_column_bytes(s_, column);
  return {static_cast<const uint8_t*>(data), static_cast<size_t>(size)};
}

int Transaction::commit() {
  const int code = db_.run("COMMIT");
  committed_ = code == SQLITE_OK;
  return code;
}

Transaction::~Transaction() {
  if (committed_) return;
  db_.keep_complaint();
  // Some failures have ended the transaction by themselves.
  if (begun_ == SQLITE_OK && sqlite3_get_autocommit(db_.handle()) == 0) db_.run("ROLLBACK");
}

}  // namespace freshet::sqlite
