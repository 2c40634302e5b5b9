#include "store-postgres/rooms/reading.h"

#include <algorithm>
#include <optional>
#include <string>

#include "store-postgres/limits.h"
#include "store-postgres/rooms/writer_item.h"

namespace freshet::postgres {

namespace {

int64_t as_bound(uint64_t value) {
  return static_cast<int64_t>(std::min<uint64_t>(value, INT64_MAX));
}

// A run, a shard and a number, from this column on. None: it is not known.
Status write_writer(const Rows& rows, int row, int column, Reply out) {
  if (rows.null(row, column)) return Status::ok;
  return out.write(FRESHET_STORE_WRITER, rows.unsigned_number(row, column + 2),
                   as_bytes(writer_item(rows, row, column)));
}

// The room's snapshot, as kRoomWithSnapshot has it.
Status write_snapshot(const Rows& room, Reply out) {
  FRESHET_CHECK(out.write(FRESHET_STORE_SNAPSHOT, room.unsigned_number(0, 2), room.bytes(0, 5)));
  return write_writer(room, 0, 6, out);
}

// ---- load

// What load() has seen of a room so far, and what is wrong with it.
struct Loading {
  bool found = false, erased = false;
  uint64_t at = 0, last_seq = 0;
  std::string damage;
};

Status see_room(const Rows& row, Loading& loading, Reply out) {
  loading.found = true;
  loading.erased = row.number(0, 4) != 0;
  FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, row.bytes(0, 0)));
  if (loading.erased) return Status::ok;
  loading.last_seq = row.unsigned_number(0, 1);
  loading.at = row.unsigned_number(0, 2);
  if (row.number(0, 3) == 0) return Status::ok;
  if (row.null(0, 5)) {
    loading.damage = "its snapshot is gone";
    return Status::corrupt;
  }
  return write_snapshot(row, out);
}

constexpr std::string_view kRoomWithSnapshot =
    "SELECT r.epoch, r.last_seq, r.snapshot_seq, r.snapshot IS NOT NULL, r.erased_at IS NOT NULL, "
    "s.data, CASE WHEN r.folded_seq = r.snapshot_seq THEN r.folded_run END, r.folded_shard, "
    "r.folded_number FROM @rooms r LEFT JOIN @snapshots s ON s.id = r.snapshot WHERE r.name = $1";

// ---- rows of the log: seq, update, author, first_ms, last_ms, run, shard, number

Status write_row(const Rows& rows, int row, Reply out) {
  FRESHET_CHECK(out.write(FRESHET_STORE_UPDATE, rows.unsigned_number(row, 0), rows.bytes(row, 1)));
  if (!rows.null(row, 2)) FRESHET_CHECK(out.write(FRESHET_STORE_AUTHOR, rows.bytes(row, 2)));
  if (!rows.null(row, 3)) {
    FRESHET_CHECK(out.write(FRESHET_STORE_FIRST_TIME, rows.unsigned_number(row, 3)));
    FRESHET_CHECK(out.write(FRESHET_STORE_LAST_TIME, rows.unsigned_number(row, 4)));
  }
  return write_writer(rows, row, 5, out);
}

// $2: the sequence before the first, $3: whether from the snapshot on instead, $4: how many bytes.
// Rows are added up until there are that many; the one with which there are is the last.
constexpr std::string_view kTailRows =
    "WITH room AS MATERIALIZED (SELECT id, CASE WHEN $3 THEN snapshot_seq ELSE $2 END AS after "
    "FROM @rooms WHERE name = $1 AND erased_at IS NULL), "
    "sums AS (SELECT l.seq, sum(octet_length(l.update)) OVER (ORDER BY l.seq) AS total FROM "
    "(SELECT seq, update FROM @log WHERE room = (SELECT id FROM room) "
    "AND seq > (SELECT after FROM room) ORDER BY seq LIMIT $5) l), "
    "ends AS MATERIALIZED (SELECT min(seq) AS seq FROM sums WHERE total >= $4) "
    "SELECT seq, update, author, first_ms, last_ms, run, shard, last_number FROM @log "
    "WHERE room = (SELECT id FROM room) AND seq > (SELECT after FROM room) "
    "AND seq <= coalesce((SELECT seq FROM ends), 9223372036854775807) ORDER BY seq LIMIT $5";

}  // namespace

struct Reading::Tail {
  std::string_view name;
  const freshet_epoch& epoch;
  uint64_t after_seq;
  uint64_t most_bytes;

  Params params(bool from_snapshot) const {
    Params params;
    params.add(name).add(as_bound(after_seq)).add(from_snapshot).add(as_bound(most_bytes));
    params.add(kMaxTailRows);
    return params;
  }
};

Status Reading::load(std::string_view name, Reply out) {
  Loading loading;
  const auto see_update = [&](const Rows& row) {
    const uint64_t seq = row.unsigned_number(0, 0);
    if (seq != ++loading.at) {
      loading.damage = "update " + std::to_string(loading.at) + " is gone";
      return Status::corrupt;
    }
    return write_row(row, 0, out);
  };
  const Status status = link_.read("load", name, [&](Connection& connection) {
    Exchange x(connection);
    x.begin(Exchange::Isolation::one_moment);
    x.add(kRoomWithSnapshot, params_of(name),
          [&](const Rows& row) { return see_room(row, loading, out); });
    x.add(
        "SELECT seq, update, author, first_ms, last_ms, run, shard, last_number FROM @log WHERE "
        "room = "
        "(SELECT id FROM @rooms WHERE name = $1 AND erased_at IS NULL) AND seq > "
        "(SELECT snapshot_seq FROM @rooms WHERE name = $1) ORDER BY seq",
        params_of(name), see_update);
    x.commit();
    return x.run();
  });
  if (status == Status::ok && loading.at < loading.last_seq) {
    loading.damage = "its log ends at " + std::to_string(loading.at) + " and should at " +
                     std::to_string(loading.last_seq);
  }
  if (!loading.damage.empty()) return link_.troubles().damaged(name, loading.damage);
  if (status != Status::ok) return status;
  return loading.found && !loading.erased ? Status::ok : Status::not_found;
}

// ---- tail

Status Reading::tail(std::string_view name, const freshet_epoch& epoch, uint64_t after_seq,
                     uint64_t most_bytes, Reply out) {
  const Tail tail{name, epoch, after_seq, most_bytes};
  return link_.read("read the tail of a room", name, [&](Connection& connection) {
    bool gap = false;
    FRESHET_CHECK(tail_of_log(connection, tail, gap, out));
    return gap ? tail_of_snapshot(connection, tail, out) : Status::ok;
  });
}

Status Reading::judge(Connection& connection, const Tail& tail, const Rows& room, Reply out) {
  const bool is_there = room.count() > 0 && room.number(0, 4) == 0;
  if (is_there && std::ranges::equal(room.bytes(0, 0), tail.epoch.bytes)) return Status::ok;
  if (room.count() > 0) FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, room.bytes(0, 0)));
  Exchange x(connection);
  x.begin();
  const size_t ended =
      x.add("SELECT 1 FROM @ended WHERE epoch = $1", params_of(Bytes(tail.epoch.bytes)));
  x.commit();
  FRESHET_CHECK(x.run());
  if (x[ended].count() > 0) FRESHET_CHECK(out.write(FRESHET_STORE_ENDED, uint64_t{0}));
  return is_there ? Status::conflict : Status::not_found;
}

Status Reading::tail_of_log(Connection& connection, const Tail& tail, bool& gap, Reply out) {
  Exchange x(connection);
  x.begin(Exchange::Isolation::one_moment);
  const size_t room = x.add(
      "SELECT epoch, last_seq, snapshot_seq, false, erased_at IS NOT NULL FROM @rooms "
      "WHERE name = $1",
      params_of(tail.name));
  const size_t rows = x.add(kTailRows, tail.params(/*from_snapshot=*/false));
  x.commit();
  FRESHET_CHECK(x.run());
  FRESHET_CHECK(judge(connection, tail, x[room], out));
  const uint64_t last_seq = x[room].unsigned_number(0, 1);
  const Rows& log = x[rows];
  gap = last_seq > tail.after_seq &&
        (log.count() == 0 || log.unsigned_number(0, 0) != tail.after_seq + 1);
  if (gap) return Status::ok;
  FRESHET_CHECK(out.write(FRESHET_STORE_LAST_SEQ, last_seq));
  for (int row = 0; row < log.count(); ++row) FRESHET_CHECK(write_row(log, row, out));
  return Status::ok;
}

Status Reading::tail_of_snapshot(Connection& connection, const Tail& tail, Reply out) {
  Exchange x(connection);
  x.begin(Exchange::Isolation::one_moment);
  const size_t room = x.add(kRoomWithSnapshot, params_of(tail.name));
  const size_t rows = x.add(kTailRows, tail.params(/*from_snapshot=*/true));
  x.commit();
  FRESHET_CHECK(x.run());
  FRESHET_CHECK(judge(connection, tail, x[room], out));
  const uint64_t last_seq = x[room].unsigned_number(0, 1), at = x[room].unsigned_number(0, 2);
  const Rows& log = x[rows];
  const bool goes_on = last_seq == at || (log.count() > 0 && log.unsigned_number(0, 0) == at + 1);
  if (at <= tail.after_seq || x[room].null(0, 5) || !goes_on) {
    return link_.troubles().damaged(tail.name, "updates after " + std::to_string(tail.after_seq) +
                                                   " are gone, and no snapshot has them");
  }
  FRESHET_CHECK(out.write(FRESHET_STORE_LAST_SEQ, last_seq));
  FRESHET_CHECK(write_snapshot(x[room], out));
  for (int row = 0; row < log.count(); ++row) FRESHET_CHECK(write_row(log, row, out));
  return Status::ok;
}

// ---- the others

Status Reading::heads(std::span<const freshet_str> names, Reply out) {
  if (names.empty()) return Status::ok;
  Array array = Array::of_bytes();
  for (const freshet_str& name : names) array.add(view(name));
  return link_.read("read where logs end", "", [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    const size_t heads = x.add(
        "SELECT r.epoch, r.last_seq, coalesce(l.run, f.folded_run), "
        "coalesce(l.shard, f.folded_shard), coalesce(l.last_number, f.folded_number) "
        "FROM unnest($1) WITH ORDINALITY AS t(name, place) "
        "LEFT JOIN @rooms r ON r.name = t.name AND r.erased_at IS NULL "
        "LEFT JOIN @log l ON l.room = r.id AND l.seq = r.last_seq "
        "LEFT JOIN @rooms f ON f.name = r.name AND f.folded_seq = r.last_seq ORDER BY t.place",
        params_of(std::move(array)));
    x.commit();
    FRESHET_CHECK(x.run());
    for (int row = 0; row < x[heads].count(); ++row) {
      if (!x[heads].null(row, 0)) {
        FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, x[heads].bytes(row, 0)));
      }
      FRESHET_CHECK(write_writer(x[heads], row, 2, out));
      FRESHET_CHECK(out.write(FRESHET_STORE_LAST_SEQ, x[heads].unsigned_number(row, 1)));
    }
    return Status::ok;
  });
}

Status Reading::info(std::string_view name, Reply out) {
  return link_.read("read about a room", name, [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    const size_t room = x.add(
        "SELECT epoch, last_seq, snapshot_bytes, last_seq - snapshot_seq, log_bytes FROM @rooms "
        "WHERE name = $1 AND erased_at IS NULL",
        params_of(name));
    x.commit();
    FRESHET_CHECK(x.run());
    const Rows& row = x[room];
    if (row.count() == 0) return Status::not_found;
    FRESHET_CHECK(out.write(FRESHET_STORE_EPOCH, row.bytes(0, 0)));
    FRESHET_CHECK(out.write(FRESHET_STORE_LAST_SEQ, row.unsigned_number(0, 1)));
    FRESHET_CHECK(out.write(FRESHET_STORE_SNAPSHOT, row.unsigned_number(0, 2)));
    FRESHET_CHECK(out.write(FRESHET_STORE_LOG_COUNT, row.unsigned_number(0, 3)));
    return out.write(FRESHET_STORE_LOG_BYTES, row.unsigned_number(0, 4));
  });
}

Status Reading::list(std::string_view after, uint32_t limit, Reply out) {
  return link_.read("list rooms", "", [&](Connection& connection) {
    Exchange x(connection);
    x.begin();
    const size_t rooms = x.add(
        "SELECT name, snapshot_bytes + log_bytes FROM @rooms "
        "WHERE name > $1 AND erased_at IS NULL ORDER BY name LIMIT $2",
        params_of(after, int64_t{limit}));
    x.commit();
    FRESHET_CHECK(x.run());
    for (int row = 0; row < x[rooms].count(); ++row) {
      FRESHET_CHECK(
          out.write(FRESHET_STORE_ROOM, x[rooms].unsigned_number(row, 1), x[rooms].bytes(row, 0)));
    }
    return Status::ok;
  });
}

}  // namespace freshet::postgres
