#include "store-postgres/rooms/whole_rooms.h"

#include <optional>
#include <string>
#include <utility>

#include "store-postgres/limits.h"

namespace freshet::postgres {

namespace {

// Before that a snapshot may still be swapped in; a call takes seconds.
constexpr int64_t kOrphanMs = 60 * 60 * 1000;

// What is there of a room now is nobody's once `name` has another id; $1: its name.
constexpr std::string_view kLeaveHistory =
    "INSERT INTO @leftovers(room, through_seq, snapshot, due_at) "
    "SELECT id, last_seq, snapshot, now() FROM @rooms WHERE name = $1";

// $1: its name, $2: what it is called from now on.
constexpr std::string_view kEndHistory =
    "INSERT INTO @ended(epoch) SELECT epoch FROM @rooms WHERE name = $1 AND erased_at IS NULL "
    "AND epoch <> $2 ON CONFLICT (epoch) DO UPDATE SET ended_at = now()";

// $1: behind which room, $2: how many.
constexpr std::string_view kGiveNewEpochs =
    "WITH page AS (SELECT name, epoch FROM @rooms WHERE name > $1 AND erased_at IS NULL "
    "ORDER BY name LIMIT $2 FOR UPDATE), "
    "old AS (INSERT INTO @ended(epoch) SELECT DISTINCT epoch FROM page ON CONFLICT (epoch) "
    "DO UPDATE SET ended_at = now()), "
    "anew AS (UPDATE @rooms r SET epoch = uuid_send(gen_random_uuid()) FROM page p "
    "WHERE r.name = p.name RETURNING r.name, r.snapshot_bytes + r.log_bytes) "
    "SELECT * FROM anew ORDER BY name";

constexpr std::string_view kDue = "now() + $1 * interval '1 millisecond'";

std::string due(std::string_view sql, std::string_view parameter) {
  std::string out(sql), when(kDue);
  when.replace(when.find("$1"), 2, parameter);
  out.replace(out.find("DUE"), 3, when);
  return out;
}

}  // namespace

Status WholeRooms::write_snapshot(Connection& connection, Bytes snapshot, Written& written) {
  Exchange x(connection);
  x.begin();
  const size_t kept = x.add(
      due("WITH made AS (INSERT INTO @snapshots(id, data) VALUES (nextval('@snapshot_ids'), $1) "
          "RETURNING id) INSERT INTO @leftovers(snapshot, due_at) SELECT id, DUE FROM made "
          "RETURNING snapshot, id",
          "$2"),
      params_of(snapshot, kOrphanMs));
  x.commit();
  FRESHET_CHECK(x.run());
  written = {x[kept].number(0, 0), x[kept].number(0, 1), static_cast<int64_t>(snapshot.size())};
  return Status::ok;
}

// ---- replace

Status WholeRooms::replace(std::string_view name, const freshet_epoch& epoch, uint64_t through_seq,
                           Bytes snapshot) {
  if (through_seq > INT64_MAX) return Status::conflict;
  return replace({name, epoch, static_cast<int64_t>(through_seq), nullptr}, snapshot);
}

Status WholeRooms::replace(const freshet_fold& fold) {
  if (fold.through_seq > INT64_MAX || fold.last_number > INT64_MAX) return Status::conflict;
  const auto seq = static_cast<int64_t>(fold.through_seq);
  return replace({view(fold.room), fold.epoch, seq, &fold}, view(fold.snapshot));
}

Status WholeRooms::replace(const Through& through, Bytes snapshot) {
  if (snapshot.size() > kMaxValueBytes) return Status::too_large;
  return link_.write("replace", through.name, [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    const size_t fits = look(x, through, "");
    x.commit();
    FRESHET_CHECK(x.run());
    // Looked at before a large snapshot is sent for nothing; swap() decides.
    if (x[fits].count() == 0) return Status::conflict;
    Written written;
    FRESHET_CHECK(write_snapshot(connection, snapshot, written));
    return swap(connection, through, written);
  });
}

// A row if it may be swapped.
size_t WholeRooms::look(Exchange& exchange, const Through& through, std::string_view how) {
  std::string sql =
      "SELECT id FROM @rooms WHERE name = $1 AND epoch = $2 AND erased_at IS NULL "
      "AND $3 BETWEEN snapshot_seq AND last_seq";
  Params params = params_of(through.name, Bytes(through.epoch.bytes), through.seq);
  if (const freshet_fold* as_read = through.as_read; as_read != nullptr) {
    sql +=
        " AND EXISTS (SELECT 1 FROM @log l WHERE l.room = rooms.id AND l.seq = $3 AND l.run = $4 "
        "AND l.shard = $5 AND l.last_number = $6)";
    params.add(Bytes(as_read->writer.run));
    params.add(int64_t{as_read->writer.shard}).add(static_cast<int64_t>(as_read->last_number));
  }
  return exchange.add(sql + std::string(how), std::move(params));
}

Status WholeRooms::swap(Connection& connection, const Through& through, const Written& written) {
  Exchange lock(connection);
  lock.begin();
  const size_t room = look(lock, through, " FOR UPDATE");
  FRESHET_CHECK(lock.run());
  if (lock[room].count() == 0) return Status::conflict;
  Exchange x(connection);
  x.add(due("INSERT INTO @leftovers(room, through_seq, snapshot, due_at) "
            "SELECT id, $2, snapshot, DUE FROM @rooms WHERE name = $1",
            "$3"),
        params_of(through.name, through.seq, kFoldedRowsStayMs));
  x.add(
      "UPDATE @rooms SET log_bytes = log_bytes - (SELECT coalesce(sum(octet_length(l.update)), 0)"
      " FROM @log l WHERE l.room = rooms.id AND l.seq > rooms.snapshot_seq AND l.seq <= $2), "
      "snapshot_seq = $2, snapshot = $3, snapshot_bytes = $4, "
      "(folded_seq, folded_run, folded_shard, folded_number) = (SELECT * FROM "
      "(SELECT seq, run, shard, last_number FROM @log l WHERE l.room = rooms.id AND l.seq = $2 "
      "UNION ALL SELECT rooms.folded_seq, rooms.folded_run, rooms.folded_shard, "
      "rooms.folded_number WHERE rooms.folded_seq = $2) last LIMIT 1) WHERE name = $1",
      params_of(through.name, through.seq, written.id, written.bytes));
  x.add("DELETE FROM @leftovers WHERE id = $1", params_of(written.leftover));
  x.commit();
  return x.run();
}

// ---- put, erase

Status WholeRooms::put(std::string_view name, const freshet_epoch& epoch, Bytes snapshot) {
  if (snapshot.size() > kMaxValueBytes) return Status::too_large;
  return link_.write("put", name, [&](Connection& connection) {
    Written written;
    FRESHET_CHECK(write_snapshot(connection, snapshot, written));
    FRESHET_CHECK(begin_history(connection, name, epoch, written));
    link_.troubles().mended(name);
    return Status::ok;
  });
}

Status WholeRooms::begin_history(Connection& connection, std::string_view name,
                                 const freshet_epoch& epoch, const Written& written) {
  Exchange x(connection);
  x.begin();
  x.add("INSERT INTO @rooms(name, epoch) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING",
        params_of(name, Bytes(epoch.bytes)));
  x.add("SELECT 1 FROM @rooms WHERE name = $1 FOR UPDATE", params_of(name));
  x.add(kLeaveHistory, params_of(name));
  x.add(kEndHistory, params_of(name, Bytes(epoch.bytes)));
  const size_t room = x.add(
      "UPDATE @rooms SET id = nextval('@histories'), epoch = $2, last_seq = 0, snapshot_seq = 0, "
      "snapshot = $3, snapshot_bytes = $4, log_bytes = 0, folded_seq = NULL, erased_at = NULL "
      "WHERE name = $1",
      params_of(name, Bytes(epoch.bytes), written.id, written.bytes));
  x.add("DELETE FROM @leftovers WHERE id = $1", params_of(written.leftover));
  FRESHET_CHECK(x.run());
  // Swept after its day, between the first statement and the second.
  if (x[room].changed() != 1) return connection.fail(failure_of("40001", ""));
  Exchange end(connection);
  end.commit();
  return end.run();
}

// The row stays, under an epoch that nobody has yet; sweep() deletes it after a day.
Status WholeRooms::erase(std::string_view name) {
  return link_.write("erase", name, [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    x.add("SELECT 1 FROM @rooms WHERE name = $1 FOR UPDATE", params_of(name));
    x.add(
        "INSERT INTO @leftovers(room, through_seq, snapshot, due_at) "
        "SELECT id, last_seq, snapshot, now() FROM @rooms WHERE name = $1 AND erased_at IS NULL",
        params_of(name));
    x.add(kEndHistory, params_of(name, Bytes()));
    const size_t room = x.add(
        "UPDATE @rooms SET id = nextval('@histories'), epoch = uuid_send(gen_random_uuid()), "
        "last_seq = 0, snapshot_seq = 0, snapshot = NULL, snapshot_bytes = 0, log_bytes = 0, "
        "folded_seq = NULL, erased_at = now() WHERE name = $1 AND erased_at IS NULL",
        params_of(name));
    const size_t kept = x.add("DELETE FROM @kept WHERE room = $1", params_of(name));
    x.commit();
    FRESHET_CHECK(x.run());
    link_.troubles().mended(name);
    const bool any = x[room].changed() + x[kept].changed() > 0;
    return any ? Status::ok : Status::not_found;
  });
}

// ---- all of them

// Nobody that has this store open from before is served once the first call is through. Numbered by
// the time, so that it is larger than any that a server knows: the database was put back, and what
// it had counted up to may be less.
Status WholeRooms::new_history(std::string_view after, uint32_t limit, Reply out) {
  return link_.write("give rooms new epochs", "", [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    std::optional<size_t> begun;
    if (after.empty()) {
      begun = x.add(
          "UPDATE @meta SET history = greatest(history + 1, "
          "floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint) RETURNING history");
    }
    const size_t rooms = x.add(kGiveNewEpochs, params_of(after, int64_t{limit}));
    x.commit();
    FRESHET_CHECK(x.run());
    if (begun) link_.history().begin(x[*begun].number(0, 0));
    for (int row = 0; row < x[rooms].count(); ++row) {
      FRESHET_CHECK(
          out.write(FRESHET_STORE_ROOM, x[rooms].unsigned_number(row, 1), x[rooms].bytes(row, 0)));
    }
    return Status::ok;
  });
}

// ---- sweeping

Status WholeRooms::sweep() {
  return link_.write("delete what is no longer needed", "", [&](Connection& connection) {
    bool more = true;
    for (int parts = 0; more && parts < kMaxSweeps; ++parts) {
      FRESHET_CHECK(sweep_part(connection, more));
    }
    Exchange x(connection);
    x.begin();
    x.add(
        "DELETE FROM @rooms WHERE name IN (SELECT name FROM @rooms WHERE erased_at < now() - "
        "interval '1 day' ORDER BY name LIMIT $1 FOR UPDATE SKIP LOCKED)",
        params_of(kMaxSweptRows));
    x.add("DELETE FROM @ended WHERE ended_at < now() - interval '1 day'");
    x.add("DELETE FROM @writers WHERE written_at < now() - interval '7 days'");
    x.add("DELETE FROM @nodes WHERE ended_at < now() - interval '1 day'");
    x.add("DELETE FROM @claims WHERE until < now() - interval '1 day'");
    x.commit();
    return x.run();
  });
}

// Of one leftover that no other node is at, so many rows; from the lowest sequence on, so that a
// reader of the log sees at its first row whether any is gone.
Status WholeRooms::sweep_part(Connection& connection, bool& more) {
  Exchange find(connection);
  find.begin();
  const size_t due = find.add(
      "SELECT id, room, through_seq, snapshot FROM @leftovers WHERE due_at <= now() "
      "ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED");
  FRESHET_CHECK(find.run());
  more = find[due].count() > 0;
  Exchange x(connection);
  if (!more) {
    x.commit();
    return x.run();
  }
  const Rows& leftover = find[due];
  size_t deleted = 0;
  if (!leftover.null(0, 1)) {
    deleted = x.add(
        "DELETE FROM @log WHERE room = $1 AND seq <= coalesce((SELECT seq FROM @log WHERE "
        "room = $1 AND seq <= $2 ORDER BY seq OFFSET $3 LIMIT 1), $2)",
        params_of(leftover.number(0, 1), leftover.number(0, 2), kMaxSweptRows - 1));
  }
  x.add("DELETE FROM @snapshots WHERE id = $1", params_of(leftover.number(0, 3)));
  FRESHET_CHECK(x.run());
  Exchange end(connection);
  if (leftover.null(0, 1) || x[deleted].changed() < kMaxSweptRows) {
    end.add("DELETE FROM @leftovers WHERE id = $1", params_of(leftover.number(0, 0)));
  }
  end.commit();
  return end.run();
}

}  // namespace freshet::postgres
