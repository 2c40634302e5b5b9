#include "store-postgres/rooms/appending.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <unordered_map>

#include "store-postgres/limits.h"
#include "store-postgres/rooms/append_plan.h"
#include "store-postgres/rooms/writer_item.h"

namespace freshet::postgres {

namespace {

Params& add_writer(Params& params, const freshet_writer& writer) {
  return params.add(Bytes(writer.run)).add(int64_t{writer.shard});
}

Failure crossed() { return failure_of("40001", ""); }

int64_t as_number(uint64_t value) {
  return static_cast<int64_t>(std::min<uint64_t>(value, INT64_MAX));
}

// Those that an entry says may be made, with the epoch that the first such entry has for each. The
// statement answers those that were made.
std::optional<size_t> insert_new_rooms(Exchange& x, const freshet_batch& batch, AppendPlan& plan) {
  Array names = Array::of_bytes(), epochs = Array::of_bytes();
  for (const freshet_append& entry : entries_of(batch)) {
    Growing& room = *plan.find(view(entry.room));
    if ((entry.flags & FRESHET_APPEND_NEW) == 0 || room.may_be_made) continue;
    room.may_be_made = true;
    room.epoch = entry.epoch;
  }
  for (const Growing& room : plan.rooms()) {
    if (room.may_be_made) names.add(room.name), epochs.add(Bytes(room.epoch.bytes));
  }
  if (names.count() == 0) return std::nullopt;
  return x.add(
      "INSERT INTO @rooms(name, epoch) SELECT n, e FROM unnest($1, $2) AS t(n, e) ORDER BY n "
      "ON CONFLICT (name) DO NOTHING RETURNING name",
      params_of(std::move(names), std::move(epochs)));
}

size_t lock_rooms(Exchange& x, const AppendPlan& plan) {
  Array names = Array::of_bytes();
  for (const Growing& room : plan.rooms()) names.add(room.name);
  return x.add(
      "SELECT name, id, epoch, last_seq, snapshot IS NOT NULL, erased_at IS NULL, "
      "CASE WHEN folded_seq = last_seq THEN folded_run END, folded_shard, folded_number FROM "
      "@rooms WHERE name = ANY($1) ORDER BY name FOR UPDATE",
      params_of(std::move(names)));
}

void fill(Growing& room, const Rows& rows, int row) {
  room.id = rows.number(row, 1);
  std::ranges::copy(rows.bytes(row, 2), room.epoch.bytes);
  room.last_seq = rows.unsigned_number(row, 3);
  room.has_snapshot = rows.number(row, 4) != 0;
  room.existed = rows.number(row, 5) != 0;
  if (rows.null(row, 6)) return;
  room.last_writer = writer_item(rows, row, 6);
  room.last_number = rows.unsigned_number(row, 8);
}

// Who wrote the row behind which each room is to grow. Once they are locked: what was committed
// while this batch waited for that is seen.
std::optional<size_t> look_at_last_rows(Exchange& x, const AppendPlan& plan) {
  Array ids = Array::of_numbers(), seqs = Array::of_numbers();
  for (const Growing& room : plan.rooms()) {
    if (room.last_seq == 0) continue;
    ids.add(room.id);
    seqs.add(as_number(room.last_seq));
  }
  if (ids.count() == 0) return std::nullopt;
  return x.add(
      "SELECT l.room, l.run, l.shard, l.last_number FROM unnest($1, $2) AS t(room, seq) "
      "JOIN @log l ON l.room = t.room AND l.seq = t.seq",
      params_of(std::move(ids), std::move(seqs)));
}

void note_last_rows(const Rows& rows, AppendPlan& plan) {
  std::unordered_map<int64_t, Growing*> by_id;
  for (Growing& room : plan.rooms()) by_id.emplace(room.id, &room);
  for (int row = 0; row < rows.count(); ++row) {
    const auto room = by_id.find(rows.number(row, 0));
    if (room == by_id.end()) continue;
    room->second->last_writer = writer_item(rows, row, 1);
    room->second->last_number = rows.unsigned_number(row, 3);
  }
}

// The rows of the log that entries from `at` on become, as many as one statement should carry.
size_t insert_rows(Exchange& x, const freshet_batch& batch, const AppendPlan& plan, size_t at) {
  Array rooms = Array::of_numbers(), seqs = Array::of_numbers(), updates = Array::of_bytes();
  Array authors = Array::of_bytes(), firsts = Array::of_numbers(), lasts = Array::of_numbers();
  Array numbers = Array::of_numbers();
  for (size_t bytes = 0; at < batch.count && bytes < kMaxInsertBytes; ++at) {
    if (plan.seq_of(at) == 0) continue;
    const freshet_append& entry = batch.entries[at];
    rooms.add(plan.room_of(at).id);
    seqs.add(as_number(plan.seq_of(at)));
    updates.add(view(entry.update));
    entry.author.size == 0 ? authors.add_null() : authors.add(view(entry.author));
    firsts.add(as_number(entry.first_unix_ms));
    lasts.add(as_number(entry.last_unix_ms));
    numbers.add(as_number(entry.last_number));
    bytes += entry.update.size;
  }
  if (rooms.count() == 0) return at;
  Params params;
  params.add(std::move(rooms)).add(std::move(seqs)).add(std::move(updates));
  params.add(std::move(authors)).add(std::move(firsts)).add(std::move(lasts));
  add_writer(params.add(std::move(numbers)), batch.writer);
  x.add(
      "INSERT INTO @log(room, seq, update, author, first_ms, last_ms, last_number, run, shard) "
      "SELECT *, $8, $9 FROM unnest($1, $2, $3, $4, $5, $6, $7)",
      std::move(params));
  return at;
}

void update_rooms(Exchange& x, const AppendPlan& plan) {
  Array names = Array::of_bytes(), seqs = Array::of_numbers(), bytes = Array::of_numbers();
  Array revived = Array::of_bytes();
  for (const Growing& room : plan.rooms()) {
    if (room.grown_seq == room.last_seq) continue;
    names.add(room.name);
    seqs.add(as_number(room.grown_seq));
    bytes.add(room.grown_bytes);
    if (!room.existed) revived.add(room.name);
  }
  if (names.count() == 0) return;
  const bool any_revived = revived.count() > 0;
  x.add(
      "UPDATE @rooms SET last_seq = t.seq, log_bytes = log_bytes + t.bytes "
      "FROM unnest($1, $2, $3) AS t(name, seq, bytes) WHERE rooms.name = t.name",
      params_of(std::move(names), std::move(seqs), std::move(bytes)));
  if (!any_revived) return;
  x.add("UPDATE @rooms SET erased_at = NULL WHERE name = ANY($1) AND erased_at IS NOT NULL",
        params_of(std::move(revived)));
}

}  // namespace

Appending::Appending(Link& link, Host host)
    : link_(link),
      host_(host),
      updates_(host.counter("freshet_store_updates_total", "Updates appended.")),
      bytes_(host.counter("freshet_store_update_bytes_total", "Bytes of updates appended.")),
      commits_(host.counter("freshet_store_commits_total", "Batches committed.")),
      commit_microseconds_(host.counter("freshet_store_commit_microseconds_total",
                                        "Time that batches took, their round trips included.")) {}

Status Appending::append(const freshet_batch& batch, Reply out) {
  if (batch.count == 0) return Status::ok;
  AppendPlan plan(batch);
  return link_.write("append", "", [&](Connection& connection) {
    return carry_out(connection, batch, plan, out);
  });
}

Status Appending::carry_out(Connection& connection, const freshet_batch& batch, AppendPlan& plan,
                            Reply out) {
  const auto began = std::chrono::steady_clock::now();
  Found found = Found::fresh;
  FRESHET_CHECK(lock(connection, batch, plan, found));
  if (const Status fault = plan.place(); fault != Status::ok) {
    FRESHET_CHECK(plan.name_offenders(out));
    return fault;
  }
  FRESHET_CHECK(found == Found::written ? confirm(connection, batch)
                                        : write(connection, batch, plan));
  const auto took = std::chrono::steady_clock::now() - began;
  commits_.add();
  commit_microseconds_.add(std::chrono::duration_cast<std::chrono::microseconds>(took).count());
  if (found == Found::fresh) {
    updates_.add(static_cast<int64_t>(batch.count));
    for (const Growing& room : plan.rooms()) bytes_.add(room.grown_bytes);
  }
  return plan.answer(out);
}

Status Appending::lock(Connection& connection, const freshet_batch& batch, AppendPlan& plan,
                       Found& found) {
  Exchange x(connection);
  x.begin();
  const std::optional<size_t> made = insert_new_rooms(x, batch, plan);
  const size_t rooms = lock_rooms(x, plan);
  Params writer, same_writer;
  x.add("INSERT INTO @writers(run, shard) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        std::move(add_writer(writer, batch.writer)));
  // Waits until a transaction of the same batch that lost its connection has ended: what is read
  // here is final.
  const size_t known =
      x.add("SELECT number, answer FROM @writers WHERE run = $1 AND shard = $2 FOR UPDATE",
            std::move(add_writer(same_writer, batch.writer)));
  FRESHET_CHECK(x.run());
  // A row that is old was deleted in between.
  if (x[known].count() != 1) return connection.fail(crossed());
  if (x[known].unsigned_number(0, 0) == batch.number) {
    found = Found::written;
    if (plan.restore(x[known].bytes(0, 1))) return Status::ok;
    host_.error("store: a batch came under the number of another, of other rooms; it is refused");
    return Status::internal;
  }
  for (int row = 0; row < x[rooms].count(); ++row) {
    fill(*plan.find(x[rooms].text(row, 0)), x[rooms], row);
  }
  for (int row = 0; made && row < x[*made].count(); ++row) {
    plan.find(x[*made].text(row, 0))->existed = false;
  }
  const bool one_is_gone = std::ranges::any_of(
      plan.rooms(), [](const Growing& room) { return room.may_be_made && room.id == 0; });
  return one_is_gone ? connection.fail(crossed()) : Status::ok;
}

Status Appending::write(Connection& connection, const freshet_batch& batch, AppendPlan& plan) {
  const std::string kept = plan.kept();
  Exchange x(connection);
  const std::optional<size_t> last_rows = look_at_last_rows(x, plan);
  for (size_t at = 0; at < batch.count;) at = insert_rows(x, batch, plan, at);
  update_rooms(x, plan);
  Params params;
  add_writer(params, batch.writer).add(as_number(batch.number)).add(kept);
  x.add(
      "UPDATE @writers SET number = $3, answer = $4, written_at = now() "
      "WHERE run = $1 AND shard = $2",
      std::move(params));
  x.commit();
  FRESHET_CHECK(x.run());
  if (last_rows) note_last_rows(x[*last_rows], plan);
  return Status::ok;
}

// What was committed may not be on the standby yet, if that is what nobody knew. A transaction that
// writes waits for it; one that only reads would not.
Status Appending::confirm(Connection& connection, const freshet_batch& batch) {
  Params params;
  add_writer(params, batch.writer);
  Exchange x(connection);
  x.add("UPDATE @writers SET written_at = now() WHERE run = $1 AND shard = $2", std::move(params));
  x.commit();
  return x.run();
}

}  // namespace freshet::postgres
