// plugins/store-sqlite/file/troubles.h: what goes wrong with a store, told in the log when it is
// news: when it begins, when the reason changes and when it ends.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "freshet/host.h"
#include "freshet/result.h"
#include "store-sqlite/database/database.h"

namespace freshet::sqlite {

class Troubles {
 public:
  // `path`: of the store, for the log. Borrows the database, for its words.
  Troubles(std::string path, Host host, Database& db);

  // What a caller is answered for SQLite's code; `doing` goes after "cannot".
  Status conclude_write(int code, std::string_view doing);
  Status conclude_read(int code, std::string_view room);
  // As conclude_write(), for what is no write of a caller's: it does not count as one that failed.
  void tell(int code, std::string_view doing);
  // The room's stored bytes are not those that were written. Each room is told of once.
  Status damaged(std::string_view room, std::string_view how);
  // It was replaced or erased: if it is damaged again, that is news.
  void mended(std::string_view room);

  // The failure last told of; empty while all is well.
  const std::string& last() const { return last_; }

 private:
  const std::string path_;
  const Host host_;
  Database& db_;
  std::string last_;
  std::set<std::string, std::less<>> damaged_;  // at most kMaxDamagedRoomsTold
  Metric failures_, failing_;
};

}  // namespace freshet::sqlite
