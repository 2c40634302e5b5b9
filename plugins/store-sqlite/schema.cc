#include "schema.h"

#include <string>

namespace freshet::sqlite {

namespace {

// Names are blobs, so that they compare byte by byte and any bytes will do. The log is clustered by
// room: a load reads neighbouring pages.
constexpr const char* kMigrations[] = {
    R"sql(
      CREATE TABLE rooms(
        id INTEGER PRIMARY KEY,
        name BLOB NOT NULL UNIQUE,
        epoch BLOB NOT NULL,
        last_seq INTEGER NOT NULL,
        snapshot_seq INTEGER NOT NULL,
        snapshot_bytes INTEGER,
        log_bytes INTEGER NOT NULL
      ) STRICT;
      CREATE TABLE snapshots(
        room INTEGER PRIMARY KEY,
        checksum INTEGER NOT NULL,
        data BLOB NOT NULL
      ) STRICT;
      CREATE TABLE updates(
        room INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        checksum INTEGER NOT NULL,
        data BLOB NOT NULL,
        PRIMARY KEY(room, seq)
      ) STRICT, WITHOUT ROWID;
    )sql",
};

}  // namespace

std::span<const char* const> migrations() { return kMigrations; }

int migrate(Database& db, int64_t from, std::span<const char* const> steps) {
  const auto to = static_cast<int64_t>(steps.size());
  if (from >= to) return SQLITE_OK;
  for (const char* step : steps.subspan(static_cast<size_t>(from))) FRESHET_SQL(db.run(step));
  const std::string marks = "PRAGMA application_id = " + std::to_string(kApplicationId) +
                            "; PRAGMA user_version = " + std::to_string(to);
  return db.run(marks.c_str());
}

}  // namespace freshet::sqlite
