// plugins/store-sqlite/sqlite_outbox.h: the outbox of the embedded store.
//
// In the store's file and by its rules: each call is one transaction, synced before it is answered.
// Part of a SqliteStore, which owns it, and called as that is.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "freshet/store.h"
#include "store-sqlite/database/database.h"
#include "store-sqlite/file/database_file.h"
#include "store-sqlite/file/troubles.h"

namespace freshet::sqlite {

class SqliteOutbox final : public StoreOutbox {
 public:
  // Borrows the options, the file and its troubles.
  SqliteOutbox(const Options& options, Host host, DatabaseFile& file, Troubles& troubles)
      : options_(options), host_(host), file_(file), troubles_(troubles) {}

  // SQLite's code. Once, before anything else.
  int prepare();

  Status add(std::string_view topic, std::span<const freshet_outgoing> entries, Reply out) override;
  Status list(std::string_view topic, bool dead, uint64_t after, uint32_t limit,
              Reply out) override;
  Status read(std::string_view topic, uint64_t id, Reply out) override;
  Status remove(std::string_view topic, std::span<const uint64_t> ids) override;
  Status bury(std::string_view topic, uint64_t id, std::string_view reason) override;
  Status revive(std::string_view topic, uint64_t id, Reply out) override;
  Status drop(std::string_view topic, uint64_t id, Reply out) override;
  Status topics(Reply out) override;

 private:
  // What a topic holds, dead or alive.
  struct Amount {
    int64_t entries = 0;
    int64_t bytes = 0;
  };
  struct Totals {
    Amount live, dead;
  };

  // The functions that answer an int answer SQLite's codes.
  int insert(std::string_view topic, std::span<const freshet_outgoing> entries,
             std::vector<uint64_t>& ids);
  int set_aside(std::string_view topic, uint64_t id, std::string_view reason);
  int prune(std::string_view topic);
  int change(Statement& statement, std::string_view topic, uint64_t id, int64_t& changed);
  Status conclude_change(int code, int64_t changed, uint64_t id, std::string_view doing, Reply out);
  int find(std::string_view topic, Totals& totals);
  int judge_shares(std::string_view topic, std::span<const freshet_outgoing> entries, bool& over);
  bool over(const Amount& amount) const;  // more than the options allow

  const Options& options_;
  const Host host_;
  DatabaseFile& file_;
  Troubles& troubles_;
  Statement insert_, live_, dead_, read_, remove_, bury_;
  Statement revive_one_, revive_all_, drop_one_, drop_all_, oldest_dead_, totals_, topics_, of_key_;
};

}  // namespace freshet::sqlite
