#include "store-postgres/outbox/postgres_outbox.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "freshet/format/shown_name.h"
#include "store-postgres/limits.h"

namespace freshet::postgres {

namespace {

constexpr std::string_view kLockTopic = "SELECT 1 FROM @outbox_topics WHERE topic = $1 FOR UPDATE";

}  // namespace

// ---- adding

// Whether there is place for them. A key that has nothing waiting gets one entry in.
Status PostgresOutbox::judge(const Rows& topic, const Rows& keys,
                             std::span<const freshet_outgoing> entries) {
  const Options& options = link_.options();
  std::map<std::string_view, Amount> waiting, more;
  for (int row = 0; row < keys.count(); ++row) {
    waiting[keys.text(row, 0)] = {keys.number(row, 1), keys.number(row, 2)};
  }
  Amount all{topic.number(0, 0), topic.number(0, 1)};
  for (const freshet_outgoing& entry : entries) {
    const auto bytes = static_cast<int64_t>(entry.body.size);
    Amount& of_key = more[view(entry.key)];
    ++of_key.entries, of_key.bytes += bytes;
    ++all.entries, all.bytes += bytes;
  }
  for (const auto& [key, amount] : more) {
    const auto before = waiting.find(key);
    if (before == waiting.end() && amount.entries == 1) continue;
    const Amount held = before == waiting.end() ? Amount{} : before->second;
    if (held.entries + amount.entries > options.outbox_key_max_entries ||
        held.bytes + amount.bytes > options.outbox_key_max_bytes) {
      return Status::too_large;
    }
  }
  const bool fits =
      all.entries <= options.outbox_max_entries && all.bytes <= options.outbox_max_bytes;
  return fits ? Status::ok : Status::limit;
}

Status PostgresOutbox::add(std::string_view topic, std::span<const freshet_outgoing> entries,
                           Reply out) {
  if (entries.empty()) return Status::ok;
  Array keys = Array::of_bytes();
  for (const freshet_outgoing& entry : entries) {
    if (entry.body.size > kMaxValueBytes) return Status::too_large;
    keys.add(view(entry.key));
  }
  return link_.write("add to the outbox", "", [&](Connection& connection) {
    Exchange look(connection);
    look.begin();
    look.add("INSERT INTO @outbox_topics(topic) VALUES ($1) ON CONFLICT DO NOTHING",
             params_of(topic));
    const size_t of_topic =
        look.add("SELECT live, live_bytes FROM @outbox_topics WHERE topic = $1 FOR UPDATE",
                 params_of(topic));
    const size_t of_keys = look.add(
        "SELECT key, live, live_bytes FROM @outbox_keys WHERE topic = $1 AND key = ANY($2)",
        params_of(topic, keys));
    FRESHET_CHECK(look.run());
    FRESHET_CHECK(judge(look[of_topic], look[of_keys], entries));

    Exchange x(connection);
    std::vector<size_t> added;
    for (const freshet_outgoing& entry : entries) {
      added.push_back(
          x.add("INSERT INTO @outbox(topic, id, key, unix_ms, bytes, body) "
                "VALUES ($1, nextval('@outbox_ids'), $2, $3, octet_length($4), $4) RETURNING id",
                params_of(topic, view(entry.key), static_cast<int64_t>(entry.unix_ms),
                          view(entry.body))));
    }
    x.commit();
    FRESHET_CHECK(x.run());
    for (size_t i = 0; i < added.size(); ++i) {
      FRESHET_CHECK(out.write(FRESHET_STORE_ENTRY, x[added[i]].unsigned_number(0, 0),
                              as_bytes(view(entries[i].key))));
    }
    return Status::ok;
  });
}

// ---- reading

Status PostgresOutbox::list(std::string_view topic, bool dead, uint64_t after, uint32_t limit,
                            Reply out) {
  if (after > INT64_MAX) return Status::ok;
  return link_.read("list the outbox", "", [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    const size_t entries = x.add(
        std::string("SELECT id, key, unix_ms, bytes, reason FROM @outbox WHERE topic = $1 AND ") +
            (dead ? "dead" : "NOT dead") + " AND id > $2 ORDER BY id LIMIT $3",
        params_of(topic, static_cast<int64_t>(after), int64_t{limit}));
    x.commit();
    FRESHET_CHECK(x.run());
    const Rows& rows = x[entries];
    for (int row = 0; row < rows.count(); ++row) {
      FRESHET_CHECK(
          out.write(FRESHET_STORE_ENTRY, rows.unsigned_number(row, 0), rows.bytes(row, 1)));
      FRESHET_CHECK(out.write(FRESHET_STORE_TIME, rows.unsigned_number(row, 2)));
      FRESHET_CHECK(out.write(FRESHET_STORE_BODY, rows.unsigned_number(row, 3)));
      if (dead) FRESHET_CHECK(out.write(FRESHET_STORE_REASON, rows.bytes(row, 4)));
    }
    return Status::ok;
  });
}

Status PostgresOutbox::read(std::string_view topic, uint64_t id, Reply out) {
  if (id > INT64_MAX) return Status::not_found;
  return link_.read("read the outbox", "", [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    const size_t entry =
        x.add("SELECT key, unix_ms, body, dead, reason FROM @outbox WHERE topic = $1 AND id = $2",
              params_of(topic, static_cast<int64_t>(id)));
    x.commit();
    FRESHET_CHECK(x.run());
    const Rows& row = x[entry];
    if (row.count() == 0) return Status::not_found;
    FRESHET_CHECK(out.write(FRESHET_STORE_ENTRY, id, row.bytes(0, 0)));
    FRESHET_CHECK(out.write(FRESHET_STORE_TIME, row.unsigned_number(0, 1)));
    FRESHET_CHECK(out.write(FRESHET_STORE_BODY, row.bytes(0, 2)));
    const bool dead = row.number(0, 3) != 0;
    return dead ? out.write(FRESHET_STORE_REASON, row.bytes(0, 4)) : Status::ok;
  });
}

Status PostgresOutbox::topics(Reply out) {
  return link_.read("sum up the outbox", "", [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    const size_t topics = x.add(
        "SELECT topic, live, live_bytes, dead, dead_bytes FROM @outbox_topics "
        "WHERE live + dead > 0 ORDER BY topic");
    x.commit();
    FRESHET_CHECK(x.run());
    const Rows& rows = x[topics];
    for (int row = 0; row < rows.count(); ++row) {
      FRESHET_CHECK(out.write(FRESHET_STORE_TOPIC, rows.bytes(row, 0)));
      FRESHET_CHECK(out.write(FRESHET_STORE_LIVE, rows.unsigned_number(row, 1)));
      FRESHET_CHECK(out.write(FRESHET_STORE_LIVE_BYTES, rows.unsigned_number(row, 2)));
      FRESHET_CHECK(out.write(FRESHET_STORE_DEAD, rows.unsigned_number(row, 3)));
      FRESHET_CHECK(out.write(FRESHET_STORE_DEAD_BYTES, rows.unsigned_number(row, 4)));
    }
    return Status::ok;
  });
}

// ---- changing

Status PostgresOutbox::remove(std::string_view topic, std::span<const uint64_t> ids) {
  Array array = Array::of_numbers();
  for (const uint64_t id : ids) {
    if (id <= INT64_MAX) array.add(static_cast<int64_t>(id));
  }
  return link_.write("remove from the outbox", "", [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    x.add(kLockTopic, params_of(topic));
    x.add("DELETE FROM @outbox WHERE topic = $1 AND id = ANY($2)",
          params_of(topic, std::move(array)));
    x.commit();
    return x.run();
  });
}

Status PostgresOutbox::bury(std::string_view topic, uint64_t id, std::string_view reason) {
  if (id > INT64_MAX) return Status::not_found;
  return link_.write("set an entry of the outbox aside", "", [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    x.add(kLockTopic, params_of(topic));
    const size_t buried = x.add(
        "UPDATE @outbox SET dead = true, reason = $3 WHERE topic = $1 AND id = $2 AND NOT dead",
        params_of(topic, static_cast<int64_t>(id), reason));
    FRESHET_CHECK(x.run());
    if (x[buried].changed() == 0) return Status::not_found;
    return prune(connection, topic);
  });
}

// Commits; before that, the oldest dead entries go while there are more than the options allow.
Status PostgresOutbox::prune(Connection& connection, std::string_view topic) {
  const Options& options = link_.options();
  Exchange x(connection);
  const size_t dropped = x.add(
      "DELETE FROM @outbox WHERE topic = $1 AND id IN (SELECT id FROM (SELECT id, "
      "count(*) OVER newer AS entries, sum(bytes) OVER newer AS total FROM @outbox "
      "WHERE topic = $1 AND dead WINDOW newer AS (ORDER BY id DESC)) AS d "
      "WHERE entries > $2 OR total > $3) AND EXISTS (SELECT FROM @outbox_topics "
      "WHERE topic = $1 AND (dead > $2 OR dead_bytes > $3))",
      params_of(topic, options.outbox_max_entries, options.outbox_max_bytes));
  x.commit();
  FRESHET_CHECK(x.run());
  if (x[dropped].changed() > 0) {
    host_.warn("store: the outbox \"" + shown_name(topic) +
               "\" has too many dead letters: the "
               "oldest " +
               std::to_string(x[dropped].changed()) +
               " are gone. `freshet outbox dead` shows the others");
  }
  return Status::ok;
}

Status PostgresOutbox::change_dead(std::string_view doing, std::string_view sql,
                                   std::string_view topic, uint64_t id, Reply out) {
  if (id > INT64_MAX) return Status::not_found;
  return link_.write(doing, "", [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    x.add(kLockTopic, params_of(topic));
    const size_t entries = x.add(std::string(sql) + " WHERE topic = $1 AND $2 IN (0, id) AND dead",
                                 params_of(topic, static_cast<int64_t>(id)));
    x.commit();
    FRESHET_CHECK(x.run());
    const int64_t changed = x[entries].changed();
    if (id != 0 && changed == 0) return Status::not_found;
    return out.write(FRESHET_STORE_COUNT, static_cast<uint64_t>(changed));
  });
}

Status PostgresOutbox::revive(std::string_view topic, uint64_t id, Reply out) {
  return change_dead("revive entries of the outbox",
                     "UPDATE @outbox SET dead = false, reason = NULL", topic, id, out);
}

Status PostgresOutbox::drop(std::string_view topic, uint64_t id, Reply out) {
  return change_dead("drop entries of the outbox", "DELETE FROM @outbox", topic, id, out);
}

}  // namespace freshet::postgres
