#include "store-sqlite/sqlite_outbox.h"

#include <map>
#include <utility>

#include "freshet/format/shown_name.h"
#include "store-sqlite/database/checksum.h"
#include "store-sqlite/limits.h"

namespace freshet::sqlite {

namespace {

// What must still be true of an entry when it is read.
int64_t checksum(Bytes key, uint64_t unix_ms, Bytes body) {
  return Crc32c().add(uint64_t{key.size()}).add(key).add(unix_ms).add(body).value();
}

}  // namespace

int SqliteOutbox::prepare() {
  const std::pair<Statement*, std::string_view> all[] = {
      {&insert_,
       "INSERT INTO outbox(topic, dead, bytes, key, unix_ms, checksum, body) "
       "VALUES (?, 0, ?, ?, ?, ?, ?)"},
      {&live_,
       "SELECT id, key, unix_ms, bytes FROM outbox "
       "WHERE topic = ? AND dead = 0 AND id > ? ORDER BY id LIMIT ?"},
      {&dead_,
       "SELECT id, key, unix_ms, bytes, reason FROM outbox "
       "WHERE topic = ? AND dead = 1 AND id > ? ORDER BY id LIMIT ?"},
      {&read_,
       "SELECT key, unix_ms, dead, reason, checksum, body FROM outbox WHERE topic = ? AND id = ?"},
      {&remove_, "DELETE FROM outbox WHERE topic = ? AND id = ?"},
      {&bury_, "UPDATE outbox SET dead = 1, reason = ? WHERE topic = ? AND id = ? AND dead = 0"},
      {&revive_one_,
       "UPDATE outbox SET dead = 0, reason = NULL WHERE topic = ? AND id = ? AND dead = 1"},
      {&revive_all_, "UPDATE outbox SET dead = 0, reason = NULL WHERE topic = ? AND dead = 1"},
      {&drop_one_, "DELETE FROM outbox WHERE topic = ? AND id = ? AND dead = 1"},
      {&drop_all_, "DELETE FROM outbox WHERE topic = ? AND dead = 1"},
      {&oldest_dead_, "SELECT id FROM outbox WHERE topic = ? AND dead = 1 ORDER BY id LIMIT 1"},
      {&totals_, "SELECT live, live_bytes, dead, dead_bytes FROM outbox_topics WHERE topic = ?"},
      {&topics_,
       "SELECT topic, live, live_bytes, dead, dead_bytes FROM outbox_topics ORDER BY topic"},
      {&of_key_, "SELECT live, live_bytes FROM outbox_keys WHERE topic = ? AND key = ?"},
  };
  for (const auto& [statement, sql] : all) FRESHET_SQL(statement->prepare(file_.db(), sql));
  return SQLITE_OK;
}

int SqliteOutbox::find(std::string_view topic, Totals& totals) {
  Use row(totals_);
  const int code = row.bind(topic).step();
  if (code == SQLITE_ROW) {
    totals = {{row.number(0), row.number(1)}, {row.number(2), row.number(3)}};
  }
  return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

bool SqliteOutbox::over(const Amount& amount) const {
  return amount.entries > options_.outbox_max_entries || amount.bytes > options_.outbox_max_bytes;
}

// ---- adding ------------------------------------------------------------------------------------

// Whether a key would have more than its share waiting. One that has nothing waiting gets one in.
int SqliteOutbox::judge_shares(std::string_view topic, std::span<const freshet_outgoing> entries,
                               bool& over) {
  std::map<std::string_view, Amount> by_key;
  for (const freshet_outgoing& entry : entries) {
    Amount& of_key = by_key[view(entry.key)];
    ++of_key.entries;
    of_key.bytes += static_cast<int64_t>(entry.body.size);
  }
  for (auto& [key, amount] : by_key) {
    Use row(of_key_);
    const int code = row.bind(topic).bind(as_bytes(key)).step();
    if (code != SQLITE_ROW && code != SQLITE_DONE) return code;
    if (code == SQLITE_DONE && amount.entries == 1) continue;
    if (code == SQLITE_ROW) {
      amount.entries += row.number(0);
      amount.bytes += row.number(1);
    }
    over = over || amount.entries > options_.outbox_key_max_entries ||
           amount.bytes > options_.outbox_key_max_bytes;
  }
  return SQLITE_OK;
}

Status SqliteOutbox::add(std::string_view topic, std::span<const freshet_outgoing> entries,
                         Reply out) {
  if (entries.empty()) return Status::ok;
  Amount more{static_cast<int64_t>(entries.size()), 0};
  for (const freshet_outgoing& entry : entries) {
    if (entry.body.size > kMaxValueBytes) return Status::too_large;
    more.bytes += static_cast<int64_t>(entry.body.size);
  }
  bool over_share = false;
  int code = judge_shares(topic, entries, over_share);
  if (code != SQLITE_OK) return troubles_.conclude_read(code, "");
  if (over_share) return Status::too_large;
  Totals held;
  code = find(topic, held);
  if (code != SQLITE_OK) return troubles_.conclude_read(code, "");
  if (over({held.live.entries + more.entries, held.live.bytes + more.bytes})) return Status::limit;
  std::vector<uint64_t> ids;
  code = insert(topic, entries, ids);
  if (code != SQLITE_OK) return troubles_.conclude_write(code, "add to the outbox");
  for (size_t i = 0; i < ids.size(); ++i) {
    FRESHET_CHECK(out.write(FRESHET_STORE_ENTRY, ids[i], as_bytes(view(entries[i].key))));
  }
  return troubles_.conclude_write(SQLITE_OK, "add to the outbox");
}

int SqliteOutbox::insert(std::string_view topic, std::span<const freshet_outgoing> entries,
                         std::vector<uint64_t>& ids) {
  Transaction transaction(file_.db());
  FRESHET_SQL(file_.begin(transaction));
  for (const freshet_outgoing& entry : entries) {
    const Bytes key = as_bytes(view(entry.key)), body = view(entry.body);
    Use row(insert_);
    row.bind(topic).bind(uint64_t{body.size()}).bind(key).bind(entry.unix_ms);
    FRESHET_SQL(row.bind(checksum(key, entry.unix_ms, body)).bind(body).finish());
    ids.push_back(static_cast<uint64_t>(sqlite3_last_insert_rowid(file_.db().handle())));
  }
  return file_.commit(transaction);
}

// ---- reading -----------------------------------------------------------------------------------

Status SqliteOutbox::list(std::string_view topic, bool dead, uint64_t after, uint32_t limit,
                          Reply out) {
  if (after > INT64_MAX) return Status::ok;
  Use row(dead ? dead_ : live_);
  row.bind(topic).bind(after).bind(int64_t{limit});
  int code = SQLITE_OK;
  while ((code = row.step()) == SQLITE_ROW) {
    FRESHET_CHECK(out.write(FRESHET_STORE_ENTRY, row.unsigned_number(0), row.bytes(1)));
    FRESHET_CHECK(out.write(FRESHET_STORE_TIME, row.unsigned_number(2)));
    FRESHET_CHECK(out.write(FRESHET_STORE_BODY, row.unsigned_number(3)));
    if (dead) FRESHET_CHECK(out.write(FRESHET_STORE_REASON, row.bytes(4)));
  }
  return code == SQLITE_DONE ? Status::ok : troubles_.conclude_read(code, "");
}

Status SqliteOutbox::read(std::string_view topic, uint64_t id, Reply out) {
  Use row(read_);
  const int code = row.bind(topic).bind(id).step();
  if (code == SQLITE_DONE) return Status::not_found;
  if (code != SQLITE_ROW) return troubles_.conclude_read(code, "");
  // Columns are read once each: a later read may move an earlier one's bytes.
  const Bytes key = row.bytes(0), body = row.bytes(5);
  const uint64_t unix_ms = row.unsigned_number(1);
  if (row.number(4) != checksum(key, unix_ms, body)) {
    host_.error("store " + options_.path + ": entry " + std::to_string(id) + " of the outbox \"" +
                shown_name(topic) + "\" is damaged: it is not what was written");
    return Status::corrupt;
  }
  FRESHET_CHECK(out.write(FRESHET_STORE_ENTRY, id, key));
  FRESHET_CHECK(out.write(FRESHET_STORE_TIME, unix_ms));
  FRESHET_CHECK(out.write(FRESHET_STORE_BODY, body));
  return row.number(2) == 0 ? Status::ok : out.write(FRESHET_STORE_REASON, row.bytes(3));
}

Status SqliteOutbox::topics(Reply out) {
  Use row(topics_);
  int code = SQLITE_OK;
  while ((code = row.step()) == SQLITE_ROW) {
    FRESHET_CHECK(out.write(FRESHET_STORE_TOPIC, row.bytes(0)));
    FRESHET_CHECK(out.write(FRESHET_STORE_LIVE, row.unsigned_number(1)));
    FRESHET_CHECK(out.write(FRESHET_STORE_LIVE_BYTES, row.unsigned_number(2)));
    FRESHET_CHECK(out.write(FRESHET_STORE_DEAD, row.unsigned_number(3)));
    FRESHET_CHECK(out.write(FRESHET_STORE_DEAD_BYTES, row.unsigned_number(4)));
  }
  return code == SQLITE_DONE ? Status::ok : troubles_.conclude_read(code, "");
}

// ---- changing ----------------------------------------------------------------------------------

Status SqliteOutbox::remove(std::string_view topic, std::span<const uint64_t> ids) {
  const auto forget = [&] {
    Transaction transaction(file_.db());
    FRESHET_SQL(file_.begin(transaction));
    for (const uint64_t id : ids) FRESHET_SQL(Use(remove_).bind(topic).bind(id).finish());
    return file_.commit(transaction);
  };
  return troubles_.conclude_write(forget(), "remove from the outbox");
}

Status SqliteOutbox::bury(std::string_view topic, uint64_t id, std::string_view reason) {
  if (id > INT64_MAX) return Status::not_found;
  const int code = set_aside(topic, id, reason);
  if (code == SQLITE_NOTFOUND) return Status::not_found;
  return troubles_.conclude_write(code, "set an entry of the outbox aside");
}

int SqliteOutbox::set_aside(std::string_view topic, uint64_t id, std::string_view reason) {
  Transaction transaction(file_.db());
  FRESHET_SQL(file_.begin(transaction));
  FRESHET_SQL(Use(bury_).bind(reason).bind(topic).bind(id).finish());
  if (sqlite3_changes(file_.db().handle()) == 0) return SQLITE_NOTFOUND;
  FRESHET_SQL(prune(topic));
  return file_.commit(transaction);
}

// Drops the oldest dead entries while there are more of them than the options allow.
int SqliteOutbox::prune(std::string_view topic) {
  int64_t dropped = 0;
  for (;; ++dropped) {
    Totals held;
    FRESHET_SQL(find(topic, held));
    if (!over(held.dead)) break;
    Use oldest(oldest_dead_);
    if (const int code = oldest.bind(topic).step(); code != SQLITE_ROW) return code;
    FRESHET_SQL(Use(remove_).bind(topic).bind(oldest.number(0)).finish());
  }
  if (dropped > 0) {
    host_.warn("store " + options_.path + ": the outbox \"" + shown_name(topic) +
               "\" has too many dead letters: the oldest " + std::to_string(dropped) +
               " are gone. `freshet outbox dead` shows the others");
  }
  return SQLITE_OK;
}

int SqliteOutbox::change(Statement& statement, std::string_view topic, uint64_t id,
                         int64_t& changed) {
  Transaction transaction(file_.db());
  FRESHET_SQL(file_.begin(transaction));
  {
    Use use(statement);
    use.bind(topic);
    if (id != 0) use.bind(id);
    FRESHET_SQL(use.finish());
  }
  changed = sqlite3_changes64(file_.db().handle());
  return file_.commit(transaction);
}

Status SqliteOutbox::conclude_change(int code, int64_t changed, uint64_t id, std::string_view doing,
                                     Reply out) {
  const Status status = troubles_.conclude_write(code, doing);
  if (status != Status::ok) return status;
  if (id != 0 && changed == 0) return Status::not_found;
  return out.write(FRESHET_STORE_COUNT, static_cast<uint64_t>(changed));
}

Status SqliteOutbox::revive(std::string_view topic, uint64_t id, Reply out) {
  if (id > INT64_MAX) return Status::not_found;
  int64_t changed = 0;
  const int code = change(id == 0 ? revive_all_ : revive_one_, topic, id, changed);
  return conclude_change(code, changed, id, "revive entries of the outbox", out);
}

Status SqliteOutbox::drop(std::string_view topic, uint64_t id, Reply out) {
  if (id > INT64_MAX) return Status::not_found;
  int64_t changed = 0;
  const int code = change(id == 0 ? drop_all_ : drop_one_, topic, id, changed);
  return conclude_change(code, changed, id, "drop entries of the outbox", out);
}

}  // namespace freshet::sqlite
