// plugins/store-sqlite/sqlite_kept.h: what apps keep beside rooms, in the embedded store.
//
// In the store's file and by its rules: each call is one transaction, synced before it is answered.
// Part of a SqliteStore, which owns it, and called as that is.
#pragma once

#include <cstdint>
#include <string_view>

#include "freshet/store.h"
#include "store-sqlite/database/database.h"
#include "store-sqlite/file/database_file.h"
#include "store-sqlite/file/troubles.h"

namespace freshet::sqlite {

class SqliteKept final : public StoreKept {
 public:
  // Borrows both.
  SqliteKept(DatabaseFile& file, Troubles& troubles) : file_(file), troubles_(troubles) {}

  // SQLite's code. Once, before anything else.
  int prepare();

  Status read(std::string_view room, std::string_view name, Reply out) override;
  Status write(std::string_view room, std::string_view name, uint64_t version, Bytes value,
               Reply out) override;
  Status list(std::string_view room, std::string_view after, uint32_t limit, Reply out) override;

  // All of a room; `any`: whether there was something. SQLite's code. REQUIRES: a transaction is
  // open.
  int forget(std::string_view room, bool& any);

 private:
  struct Key {
    std::string_view room, name;
  };

  // The functions that answer an int answer SQLite's codes.
  int find(const Key& key, uint64_t& version);  // 0: there is none
  int is_full(std::string_view room, bool& full);
  int swap(const Key& key, Bytes value, uint64_t& version);

  DatabaseFile& file_;
  Troubles& troubles_;
  Statement read_, version_, count_, put_, remove_, list_, forget_;
};

}  // namespace freshet::sqlite
