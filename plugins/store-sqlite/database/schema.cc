#include "store-sqlite/database/schema.h"

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
    // AUTOINCREMENT: an id is never used again, so that whoever got an entry twice can tell. The
    // body comes last: a list does not read it. Triggers keep the sums, in whatever transaction.
    R"sql(
      CREATE TABLE outbox(
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        topic BLOB NOT NULL,
        dead INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        key BLOB NOT NULL,
        unix_ms INTEGER NOT NULL,
        reason BLOB,
        checksum INTEGER NOT NULL,
        body BLOB NOT NULL
      ) STRICT;
      CREATE INDEX outbox_order ON outbox(topic, dead, id);
      CREATE TABLE outbox_topics(
        topic BLOB PRIMARY KEY,
        live INTEGER NOT NULL,
        live_bytes INTEGER NOT NULL,
        dead INTEGER NOT NULL,
        dead_bytes INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TRIGGER outbox_added AFTER INSERT ON outbox BEGIN
        INSERT INTO outbox_topics VALUES (new.topic, 1, new.bytes, 0, 0)
          ON CONFLICT DO UPDATE SET live = live + 1, live_bytes = live_bytes + new.bytes;
      END;
      CREATE TRIGGER outbox_removed AFTER DELETE ON outbox BEGIN
        UPDATE outbox_topics SET
          live = live - (1 - old.dead), live_bytes = live_bytes - old.bytes * (1 - old.dead),
          dead = dead - old.dead, dead_bytes = dead_bytes - old.bytes * old.dead
          WHERE topic = old.topic;
        DELETE FROM outbox_topics WHERE topic = old.topic AND live = 0 AND dead = 0;
      END;
      CREATE TRIGGER outbox_moved AFTER UPDATE OF dead ON outbox BEGIN
        UPDATE outbox_topics SET
          live = live + old.dead - new.dead,
          live_bytes = live_bytes + new.bytes * (old.dead - new.dead),
          dead = dead + new.dead - old.dead,
          dead_bytes = dead_bytes + new.bytes * (new.dead - old.dead)
          WHERE topic = new.topic;
      END;
    )sql",
    R"sql(
      CREATE TABLE log_mark(
        id INTEGER PRIMARY KEY,
        mark BLOB NOT NULL,
        before BLOB NOT NULL
      ) STRICT;
      INSERT INTO log_mark VALUES (1, CAST(x'66727368' || randomblob(16) AS BLOB), zeroblob(20));
    )sql",
    // What each key has waiting, so that one of them does not fill its topic.
    R"sql(
      CREATE TABLE outbox_keys(
        topic BLOB NOT NULL,
        key BLOB NOT NULL,
        live INTEGER NOT NULL,
        live_bytes INTEGER NOT NULL,
        PRIMARY KEY(topic, key)
      ) STRICT, WITHOUT ROWID;
      INSERT INTO outbox_keys
        SELECT topic, key, count(*), sum(bytes) FROM outbox WHERE dead = 0 GROUP BY topic, key;
      CREATE TRIGGER outbox_key_added AFTER INSERT ON outbox BEGIN
        INSERT INTO outbox_keys VALUES (new.topic, new.key, 1, new.bytes)
          ON CONFLICT DO UPDATE SET live = live + 1, live_bytes = live_bytes + new.bytes;
      END;
      CREATE TRIGGER outbox_key_removed AFTER DELETE ON outbox WHEN old.dead = 0 BEGIN
        UPDATE outbox_keys SET live = live - 1, live_bytes = live_bytes - old.bytes
          WHERE topic = old.topic AND key = old.key;
        DELETE FROM outbox_keys WHERE topic = old.topic AND key = old.key AND live = 0;
      END;
      CREATE TRIGGER outbox_key_moved AFTER UPDATE OF dead ON outbox WHEN old.dead <> new.dead BEGIN
        INSERT INTO outbox_keys VALUES (new.topic, new.key, 0, 0) ON CONFLICT DO NOTHING;
        UPDATE outbox_keys SET
          live = live + old.dead - new.dead,
          live_bytes = live_bytes + new.bytes * (old.dead - new.dead)
          WHERE topic = new.topic AND key = new.key;
        DELETE FROM outbox_keys WHERE topic = new.topic AND key = new.key AND live = 0;
      END;
    )sql",
    // Who wrote a row, and when: from first_ms on, for lasted_ms. NULL where that is not known.
    R"sql(
      ALTER TABLE updates ADD COLUMN author BLOB;
      ALTER TABLE updates ADD COLUMN first_ms INTEGER;
      ALTER TABLE updates ADD COLUMN lasted_ms INTEGER;
    )sql",
    // What apps keep beside rooms, by the room's name, as there may be nothing else of it.
    // AUTOINCREMENT: each write makes a version that nobody has seen.
    R"sql(
      CREATE TABLE kept(
        version INTEGER PRIMARY KEY AUTOINCREMENT,
        room BLOB NOT NULL,
        name BLOB NOT NULL,
        checksum INTEGER NOT NULL,
        data BLOB NOT NULL,
        UNIQUE(room, name)
      ) STRICT;
    )sql",
    // Updates of all rooms in the order in which they came, until they move into the log.
    R"sql(
      CREATE TABLE arrivals(
        id INTEGER PRIMARY KEY,
        room INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        checksum INTEGER NOT NULL,
        data BLOB NOT NULL,
        author BLOB,
        first_ms INTEGER,
        lasted_ms INTEGER
      ) STRICT;
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
