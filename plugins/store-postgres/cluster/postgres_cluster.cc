#include "store-postgres/cluster/postgres_cluster.h"

#include <optional>
#include <string>
#include <utility>

namespace freshet::postgres {

namespace {

Bytes run_of(const freshet_node& node) { return node.run; }

Array names_of(std::span<const freshet_str> rooms) {
  Array out = Array::of_bytes();
  for (const freshet_str& room : rooms) out.add(view(room));
  return out;
}

// The index of the notices, if it leaves any. `of`: the names, as a query that has $1.
std::optional<size_t> close_rooms(Exchange& x, const freshet_node& node, std::string_view of,
                                  Array names, bool tell) {
  const std::string all(of);
  const auto params = [&] { return params_of(run_of(node), names); };
  // Of rooms that this node has open and no others: one that comes again leaves no second notice.
  x.add(
      "SELECT name FROM @openings WHERE name IN (SELECT name FROM @open_rooms WHERE node = $1 "
      "AND name IN (" +
          all + ")) ORDER BY name FOR UPDATE",
      params());
  constexpr std::string_view kGone =
      "WITH gone AS (DELETE FROM @openings o WHERE name IN (SELECT name FROM @open_rooms "
      "WHERE node = $1 AND name IN (ALL)) AND NOT EXISTS (SELECT FROM @open_rooms r "
      "WHERE r.name = o.name AND r.node <> $1) RETURNING name) ";
  std::string gone(kGone);
  gone.replace(gone.find("ALL"), 3, all);
  const size_t told =
      x.add(gone + (tell ? "INSERT INTO @notices(name, epoch) SELECT g.name, r.epoch FROM gone g "
                           "LEFT JOIN @rooms r ON r.name = g.name AND r.erased_at IS NULL "
                           "ORDER BY g.name RETURNING id, name, epoch"
                         : "SELECT FROM gone"),
            params());
  x.add("DELETE FROM @open_rooms WHERE node = $1 AND name IN (" + all + ")", params());
  return tell ? std::optional(told) : std::nullopt;
}

constexpr std::string_view kGivenNames = "SELECT unnest($2)";
constexpr std::string_view kAllNames = "SELECT name FROM @open_rooms WHERE node = $1 AND $2 = '{}'";

Status write_notices(const Rows& rows, Reply out) {
  for (int row = 0; row < rows.count(); ++row) {
    FRESHET_CHECK(
        out.write(FRESHET_STORE_NOTICE, rows.unsigned_number(row, 0), rows.bytes(row, 1)));
    if (!rows.null(row, 2)) FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, rows.bytes(row, 2)));
  }
  return Status::ok;
}

}  // namespace

Status PostgresCluster::tail(std::string_view room, const freshet_epoch& epoch, uint64_t after_seq,
                             uint64_t most_bytes, Reply out) {
  return reading_.tail(room, epoch, after_seq, most_bytes, out);
}

Status PostgresCluster::heads(std::span<const freshet_str> rooms, Reply out) {
  return reading_.heads(rooms, out);
}

// ---- nodes

Status PostgresCluster::beat(const freshet_node& node, Bytes about, Reply out) {
  return link_.write("say that this node lives", "", [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    const size_t mine = x.add(
        "INSERT INTO @nodes AS n (run, beats, about) SELECT $1, 1, $2 FROM @meta WHERE history = "
        "$3 "
        "ON CONFLICT (run) DO UPDATE SET beats = n.beats + 1, about = EXCLUDED.about, "
        "beaten_at = now() WHERE n.ended_at IS NULL",
        params_of(run_of(node), about, link_.history().number()));
    const size_t history = x.add("SELECT history FROM @meta");
    const size_t all =
        x.add("SELECT run, beats, about FROM @nodes WHERE ended_at IS NULL ORDER BY run");
    x.commit();
    FRESHET_CHECK(x.run());
    FRESHET_CHECK(link_.expect_history(x[history].number(0, 0)));
    if (x[mine].changed() == 0) return Status::conflict;
    for (int row = 0; row < x[all].count(); ++row) {
      FRESHET_CHECK(
          out.write(FRESHET_STORE_NODE, x[all].unsigned_number(row, 1), x[all].bytes(row, 0)));
      FRESHET_CHECK(out.write(FRESHET_STORE_ABOUT, x[all].bytes(row, 2)));
    }
    return Status::ok;
  });
}

Status PostgresCluster::end(const freshet_node& node, bool tell) {
  return link_.write("end a node", "", [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    const size_t ended =
        x.add("UPDATE @nodes SET ended_at = now() WHERE run = $1 AND ended_at IS NULL",
              params_of(run_of(node)));
    // Of one that is ended already there is nothing open, and nothing claimed.
    close_rooms(x, node, kAllNames, Array::of_bytes(), tell);
    x.add("DELETE FROM @claims WHERE node = $1", params_of(run_of(node)));
    x.commit();
    FRESHET_CHECK(x.run());
    return x[ended].changed() == 0 ? Status::not_found : Status::ok;
  });
}

// ---- open rooms

Status PostgresCluster::open(const freshet_node& node, std::span<const freshet_str> rooms) {
  return link_.write("open rooms", "", [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    // Held until the end: the node cannot be ended in between.
    const size_t lives = x.add("SELECT 1 FROM @nodes WHERE run = $1 AND ended_at IS NULL FOR SHARE",
                               params_of(run_of(node)));
    const std::string names =
        "SELECT DISTINCT name FROM unnest($2) AS t(name) WHERE EXISTS "
        "(SELECT FROM @nodes WHERE run = $1 AND ended_at IS NULL) AND NOT EXISTS "
        "(SELECT FROM @open_rooms o WHERE o.node = $1 AND o.name = t.name) ORDER BY name";
    // An update that changes nothing: unlike DO NOTHING it locks the row that is there.
    x.add("INSERT INTO @openings(name) " + names +
              " ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name",
          params_of(run_of(node), names_of(rooms)));
    x.add("INSERT INTO @open_rooms(node, name) SELECT $1, name FROM (" + names + ") AS t",
          params_of(run_of(node), names_of(rooms)));
    x.commit();
    FRESHET_CHECK(x.run());
    return x[lives].count() == 0 ? Status::conflict : Status::ok;
  });
}

Status PostgresCluster::close(const freshet_node& node, std::span<const freshet_str> rooms,
                              bool tell, Reply out) {
  if (rooms.empty()) return Status::ok;
  return link_.write("close rooms", "", [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    const auto told = close_rooms(x, node, kGivenNames, names_of(rooms), tell);
    x.commit();
    FRESHET_CHECK(x.run());
    return told ? write_notices(x[*told], out) : Status::ok;
  });
}

Status PostgresCluster::nodes(std::string_view room, Reply out) {
  return link_.read("read who has a room open", room, [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    const size_t nodes = x.add(
        "SELECT o.node, n.about FROM @open_rooms o LEFT JOIN @nodes n ON n.run = o.node "
        "WHERE o.name = $1 ORDER BY o.node",
        params_of(room));
    x.commit();
    FRESHET_CHECK(x.run());
    for (int row = 0; row < x[nodes].count(); ++row) {
      FRESHET_CHECK(out.write(FRESHET_STORE_NODE, x[nodes].bytes(row, 0)));
      if (x[nodes].null(row, 1)) continue;
      FRESHET_CHECK(out.write(FRESHET_STORE_ABOUT, x[nodes].bytes(row, 1)));
    }
    return Status::ok;
  });
}

// ---- notices, claims

Status PostgresCluster::notices(uint64_t after, uint32_t limit, Reply out) {
  if (after > INT64_MAX) return Status::ok;
  return link_.read("read notices", "", [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    const size_t notices =
        x.add("SELECT id, name, epoch FROM @notices WHERE id > $1 ORDER BY id LIMIT $2",
              params_of(static_cast<int64_t>(after), int64_t{limit}));
    x.commit();
    FRESHET_CHECK(x.run());
    return write_notices(x[notices], out);
  });
}

Status PostgresCluster::remove_notice(uint64_t id) {
  if (id > INT64_MAX) return Status::not_found;
  return link_.write("remove a notice", "", [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    const size_t gone =
        x.add("DELETE FROM @notices WHERE id = $1", params_of(static_cast<int64_t>(id)));
    x.commit();
    FRESHET_CHECK(x.run());
    return x[gone].changed() == 0 ? Status::not_found : Status::ok;
  });
}

Status PostgresCluster::claim(std::string_view name, const freshet_node& node, uint32_t ms) {
  return link_.write("claim something", "", [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    // Also one for 0 ms: it is over at once, and tells whether it is another's.
    const size_t mine = x.add(
        "INSERT INTO @claims AS c (name, node, until) VALUES ($1, $2, clock_timestamp() + "
        "$3 * interval '1 millisecond') ON CONFLICT (name) DO UPDATE SET node = EXCLUDED.node, "
        "until = EXCLUDED.until WHERE c.node = EXCLUDED.node OR c.until <= clock_timestamp()",
        params_of(name, run_of(node), int64_t{ms}));
    x.commit();
    FRESHET_CHECK(x.run());
    return x[mine].changed() == 0 ? Status::conflict : Status::ok;
  });
}

}  // namespace freshet::postgres
