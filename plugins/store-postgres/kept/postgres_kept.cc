#include "store-postgres/kept/postgres_kept.h"

#include "store-postgres/limits.h"

namespace freshet::postgres {

Status PostgresKept::read(std::string_view room, std::string_view name, Reply out) {
  return link_.read("read what an app keeps", room, [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    const size_t value = x.add("SELECT version, data FROM @kept WHERE room = $1 AND name = $2",
                               params_of(room, name));
    x.commit();
    FRESHET_CHECK(x.run());
    if (x[value].count() == 0) return Status::not_found;
    return out.write(FRESHET_STORE_KEPT, x[value].unsigned_number(0, 0), x[value].bytes(0, 1));
  });
}

Status PostgresKept::list(std::string_view room, std::string_view after, uint32_t limit,
                          Reply out) {
  return link_.read("list what apps keep", room, [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    const size_t values = x.add(
        "SELECT room, name, version, octet_length(data) FROM @kept WHERE (room, name) > ($1, $2) "
        "ORDER BY room, name LIMIT $3",
        params_of(room, after, int64_t{limit}));
    x.commit();
    FRESHET_CHECK(x.run());
    const Rows& rows = x[values];
    for (int row = 0; row < rows.count(); ++row) {
      FRESHET_CHECK(out.write(FRESHET_STORE_ROOM, rows.bytes(row, 0)));
      FRESHET_CHECK(
          out.write(FRESHET_STORE_NAME, rows.unsigned_number(row, 3), rows.bytes(row, 1)));
      FRESHET_CHECK(out.write(FRESHET_STORE_KEPT, rows.unsigned_number(row, 2)));
    }
    return Status::ok;
  });
}

// One row with the new version if it was written; of a value that goes, 0.
size_t PostgresKept::swap(Exchange& exchange, const Key& key, uint64_t version, Bytes value) {
  const auto replaced = static_cast<int64_t>(version);
  if (value.empty() && version == FRESHET_KEPT_ANY) {
    return exchange.add(
        "WITH gone AS (DELETE FROM @kept WHERE room = $1 AND name = $2) SELECT 0::bigint",
        params_of(key.room, key.name));
  }
  if (value.empty() && version == 0) {
    return exchange.add(
        "SELECT 0::bigint WHERE NOT EXISTS (SELECT 1 FROM @kept WHERE room = $1 AND name = $2)",
        params_of(key.room, key.name));
  }
  if (value.empty()) {
    return exchange.add(
        "DELETE FROM @kept WHERE room = $1 AND name = $2 AND version = $3 RETURNING 0::bigint",
        params_of(key.room, key.name, replaced));
  }
  if (version == FRESHET_KEPT_ANY) {
    return exchange.add(
        "INSERT INTO @kept(room, name, data) VALUES ($1, $2, $3) ON CONFLICT (room, name) DO "
        "UPDATE SET data = excluded.data, version = excluded.version RETURNING version",
        params_of(key.room, key.name, value));
  }
  if (version == 0) {
    return exchange.add(
        "INSERT INTO @kept(room, name, data) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING "
        "RETURNING version",
        params_of(key.room, key.name, value));
  }
  return exchange.add(
      "UPDATE @kept SET data = $4, version = nextval('@kept_versions') "
      "WHERE room = $1 AND name = $2 AND version = $3 RETURNING version",
      params_of(key.room, key.name, replaced, value));
}

Status PostgresKept::write(std::string_view room, std::string_view name, uint64_t version,
                           Bytes value, Reply out) {
  if (value.size() > kMaxValueBytes) return Status::too_large;
  if (version > INT64_MAX && version != FRESHET_KEPT_ANY) version = INT64_MAX;  // nobody's
  return link_.write("keep what an app keeps", room, [&](Connection& connection) {
    Exchange look(connection);
    look.begin();
    // Of others, and whether this one would be new: a conflict is told before there is no place.
    const size_t others = look.add(
        "SELECT count(*) FILTER (WHERE name <> $2), count(*) FILTER (WHERE name = $2) "
        "FROM @kept WHERE room = $1",
        params_of(room, name));
    FRESHET_CHECK(look.run());
    const bool is_new = look[others].number(0, 1) == 0;
    const bool may_be_new = version == 0 || version == FRESHET_KEPT_ANY;
    if (!value.empty() && is_new && may_be_new && look[others].number(0, 0) >= kMaxKeptValues) {
      return Status::limit;
    }

    Exchange x(connection);
    const size_t written = swap(x, {room, name}, version, value);
    const size_t there =
        x.add("SELECT version FROM @kept WHERE room = $1 AND name = $2", params_of(room, name));
    x.commit();
    FRESHET_CHECK(x.run());
    const bool did = x[written].count() != 0;
    const uint64_t other = x[there].count() == 0 ? 0 : x[there].unsigned_number(0, 0);
    FRESHET_CHECK(out.write(FRESHET_STORE_KEPT, did ? x[written].unsigned_number(0, 0) : other));
    return did ? Status::ok : Status::conflict;
  });
}

}  // namespace freshet::postgres
