// plugins/store-sqlite/database/database.h: SQLite in the words of this plugin: a connection,
// prepared statements, one use of a statement, a transaction. Used by one thread at a time.
//
// Functions answer SQLite's own result codes; status_of() says what they mean to the core. Nothing
// here logs.
#pragma once

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

#include "freshet/bytes.h"
#include "freshet/result.h"

namespace freshet::sqlite {

// What a caller should do after `code`: retry what the disk or a lock refused; call a human for
// what is damaged. A constraint that fails is damage, too: the store checks before it writes.
Status status_of(int code);

// An open file. Owns the connection.
class Database {
 public:
  Database() = default;

  // `vfs`: the name of an SQLite VFS; null: the system's.
  int open(const std::string& path, const char* vfs);
  int open_read_only(const std::string& uri, const char* vfs);

  int run(const char* sql);

  // The first column of the first row of a pragma or query, as text; empty if there is none.
  int ask(const char* sql, std::string& out);

  // For a person: SQLite's words for the last failure, and the system's when it had some.
  std::string complaint();

  // Keeps the complaint for the next call of complaint(): what comes now overwrites SQLite's.
  void keep_complaint();
  // The same in words of one's own, over SQLite's.
  void complain(std::string words) { kept_ = std::move(words); }

  sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  int open_with(const std::string& name, int flags, const char* vfs);

  std::unique_ptr<sqlite3, Close> handle_;
  std::string kept_;
};

// A prepared statement. Destroyed before its database.
class Statement {
 public:
  int prepare(const Database& db, std::string_view sql);

 private:
  friend class Use;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// One use of a statement: bind, step, read; reset when it goes out of scope. Bound bytes are
// borrowed until then, and what a column answers lives until the next step.
class Use {
 public:
  explicit Use(Statement& statement) : s_(statement.statement_.get()) {}
  ~Use() {
    sqlite3_reset(s_);
    sqlite3_clear_bindings(s_);
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  // Parameters count from 1, in the order of the calls. The first failure is kept for step().
  Use& bind(int64_t number);
  Use& bind(uint64_t number) { return bind(static_cast<int64_t>(number)); }
  Use& bind(Bytes bytes);
  Use& bind(std::string_view name) { return bind(as_bytes(name)); }
  Use& bind_text(std::string_view text);
  Use& bind_null();

  // SQLITE_ROW, SQLITE_DONE, or an error.
  int step();
  // For statements without rows: SQLITE_OK or an error.
  int finish();

  // Columns count from 0.
  int64_t number(int column) const { return sqlite3_column_int64(s_, column); }
  uint64_t unsigned_number(int column) const { return static_cast<uint64_t>(number(column)); }
  bool null(int column) const { return sqlite3_column_type(s_, column) == SQLITE_NULL; }
  Bytes bytes(int column) const;

 private:
  sqlite3_stmt* s_;
  int next_ = 1;
  int bound_ = SQLITE_OK;
};

// Rolls back unless committed. REQUIRES: no other transaction is open.
class Transaction {
 public:
  explicit Transaction(Database& db) : db_(db) {
    db.complain("");
    begun_ = db.run("BEGIN IMMEDIATE");
  }
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  int begun() const { return begun_; }
  int commit();

 private:
  Database& db_;
  int begun_ = SQLITE_OK;
  bool committed_ = false;
};

}  // namespace freshet::sqlite

// Go on only if SQLite is content; otherwise answer its code from this function.
#define FRESHET_SQL(expr)                                                   \
  do {                                                                      \
    if (const int freshet_sql_code = (expr); freshet_sql_code != SQLITE_OK) \
      return freshet_sql_code;                                              \
  } while (false)
