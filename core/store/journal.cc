#include "core/store/journal.h"

#include <algorithm>
#include <unordered_map>

#include "core/store/epoch.h"

namespace freshet {
namespace {

uint32_t flags_of(const Batch::Row& row) {
  const uint32_t first = row.first ? FRESHET_APPEND_FIRST | FRESHET_APPEND_NEW : 0;
  return first | (row.is_new ? uint32_t{FRESHET_APPEND_NEW} : 0);
}

// Why a store refuses a room by name; empty: no such reason.
std::string_view fault_in_words(Status status) {
  switch (status) {
    case Status::conflict: return "holds another history of";
    case Status::corrupt: return "has damaged bytes of";
    case Status::too_large: return "cannot hold an update of";
    default: return "";
  }
}

}  // namespace

// The batch lives in the journal, so the call has nothing to keep. Being late is no reason to give
// up: an append that may still succeed must not be sent twice.
class Journal::Call final : public PendingCall {
 public:
  explicit Call(Journal& journal) : journal_(journal) {}
  void late() override { journal_.on_late(); }
  void done(Status status, ReplyItems items) override { journal_.on_done(status, items); }

 private:
  Journal& journal_;
};

Journal::Journal(const Run& run, Loop loop, const freshet_crdt& crdt, StoreQueue& store,
                 const Limits& limits, Log& log, Metrics& metrics)
    : loop_(loop),
      crdt_(crdt),
      store_(store),
      limits_(limits),
      log_(log),
      commits_(metrics.counter("freshet_journal_commits_total", "Batches written to the store.")),
      updates_(metrics.counter("freshet_journal_updates_total", "Updates written to the store.")),
      rows_(metrics.counter("freshet_journal_rows_total",
                            "Rows that these updates made: what one author writes into one room "
                            "within a commit is one.")),
      failing_shards_(metrics.gauge("freshet_journal_failing",
                                    "Shards whose journal cannot write to the store now.")),
      unsaved_(metrics.gauge("freshet_unsaved_bytes",
                             "Memory of edits that are applied, but not on disk yet.")) {
  call_.size = sizeof(call_);
  std::ranges::copy(run, run_.run);
  call_.writer.shard = loop_.shard();
}

bool Journal::full(const Batch& batch) const {
  return batch.rows().size() >= limits_.batch_updates || batch.bytes() >= limits_.batch_bytes;
}

void Journal::count_unsaved(size_t more_bytes, size_t fewer_bytes) {
  unsaved_bytes_ += more_bytes - fewer_bytes;
  unsaved_.add(static_cast<int64_t>(more_bytes) - static_cast<int64_t>(fewer_bytes));
}

uint64_t Journal::append(Journaled& room, const JournalRow& row) {
  assert_on(loop_.shard());
  // If memory runs out, all is as before.
  if (waiting_.empty() || full(waiting_.back())) {
    Batch batch;
    batch.add(room, row, last_ + 1, loop_.unix_ms());
    waiting_.push_back(std::move(batch));
    count_unsaved(waiting_.back().bytes(), 0);
  } else {
    Batch& batch = waiting_.back();
    const size_t before = batch.bytes();
    batch.add(room, row, last_ + 1, loop_.unix_ms());
    count_unsaved(batch.bytes(), before);
  }
  ++last_;
  start_when_due();
  return last_;
}

uint64_t Journal::mark() {
  ++last_;
  if (idle()) saved_ = last_;
  return last_;
}

void Journal::start_when_due() {
  if (in_flight_ || waiting_.empty()) return;
  if (full(waiting_.front())) return start();
  const uint64_t patience_ns = waiting_.front().patience_ns();
  const uint32_t wait_ms = pace_.wait_ms(loop_.now_ns(), patience_ns);
  if (wait_ms == 0) return start();
  if (timer_ns_ <= pace_.due_ns(patience_ns)) return;
  timer_ns_ = pace_.due_ns(patience_ns);
  loop_.after(wait_ms, [](void* self) { static_cast<Journal*>(self)->end_window(); }, this);
}

void Journal::end_window() {
  const OnShard here(loop_.shard());
  timer_ns_ = kNoTimer;
  start_when_due();
}

void Journal::start() {
  batch_ = std::move(waiting_.front());
  waiting_.pop_front();
  in_flight_ = true;
  std::ranges::copy(run_.run, call_.writer.run);
  ++call_.number;
  batch_.merge(crdt_);
  write();
}

void Journal::write() {
  const OnShard here(loop_.shard());
  began_ns_ = loop_.now_ns();
  pace_.begin(began_ns_);
  appends_.clear();
  for (const Batch::Row& row : batch_.rows()) {
    appends_.push_back({.room = to_c(std::string_view(row.room->name())),
                        .epoch = row.epoch,
                        .flags = flags_of(row),
                        .update = to_c(batch_.update_of(row)),
                        .author = to_c(batch_.author_of(row)),
                        .first_unix_ms = row.first_unix_ms,
                        .last_unix_ms = row.last_unix_ms,
                        .first_number = row.first_number,
                        .last_number = row.last_number});
  }
  call_.entries = appends_.data();
  call_.count = appends_.size();
  store_.append(loop_.shard(), call_, std::make_unique<Call>(*this));
}

void Journal::on_done(Status status, const ReplyItems& items) {
  if (status == Status::ok) {
    const std::optional<StoredRooms> rooms = written(items);
    if (!rooms) return retry_later(nonsense(items));
    const uint64_t now_ns = loop_.now_ns();
    pace_.end(now_ns);
    commit_times_.note((now_ns - began_ns_) / 1'000);
    retry_ms_ = 0;
    set_failing(false, "");
    return finish_batch(*rooms);
  }
  if (!fault_in_words(status).empty() && find_item(items, FRESHET_STORE_ROOM) != nullptr) {
    const size_t before = batch_.rows().size();
    drop_refused(status, items);
    if (batch_.empty()) return finish_batch({});
    if (batch_.rows().size() < before) {
      ++call_.number;
      return write();
    }
  }
  retry_later(std::string(name_of(status)));
}

// There is a sequence for each row, and none for another.
std::string Journal::nonsense(const ReplyItems& items) const {
  const auto sequences = std::ranges::count(items, uint32_t{FRESHET_STORE_SEQ}, &ReplyItem::kind);
  return store_.append_name() + " answers ok, with " + std::to_string(sequences) +
         " sequences for " + std::to_string(batch_.rows().size()) + " rows";
}

std::optional<Journal::StoredRooms> Journal::written(const ReplyItems& items) const {
  StoredRooms rooms;
  std::unordered_map<const Journaled*, size_t> index;
  std::optional<freshet_epoch> epoch;  // of the row whose sequence comes next
  std::optional<RowWriter> before;     // that row
  auto row = batch_.rows().begin();
  const auto end = batch_.rows().end();
  for (const ReplyItem& item : items) {
    if (item.kind == FRESHET_STORE_EPOCH) epoch = epoch_of(item.bytes);
    if (item.kind == FRESHET_STORE_WRITER) before = row_writer(item.bytes, item.number);
    if (item.kind != FRESHET_STORE_SEQ) continue;
    if (row == end) return std::nullopt;
    const auto [at, is_new] = index.try_emplace(row->room, rooms.size());
    if (is_new) rooms.emplace_back(row->room, Stored{});
    Stored& stored = rooms[at->second].second;
    stored.by = call_.writer;
    if (item.number == 0) {
      if (!row->first) return std::nullopt;
      stored.first_refused = true;
    } else {
      if (stored.rows++ == 0) stored.first_number = row->first_number;
      stored.first_number = std::min(stored.first_number, row->first_number);
      stored.last_number = std::max(stored.last_number, row->last_number);
      stored.updates += row->updates;
      stored.bytes += row->size;
      stored.last_seq = item.number;
    }
    if (epoch) stored.epoch = std::exchange(epoch, std::nullopt);
    if (before) stored.before = std::exchange(before, std::nullopt);
    ++row;
  }
  return row == end ? std::optional(std::move(rooms)) : std::nullopt;
}

void Journal::finish_batch(const StoredRooms& rooms) {
  // Rooms may append from within on_saved(), so the journal is in order before they hear.
  Batch done = std::move(batch_);
  in_flight_ = false;
  count_unsaved(0, done.bytes());
  saved_ = waiting_.empty() ? last_ : waiting_.front().rows().front().first_number - 1;
  if (!done.empty()) commits_.add();
  updates_.add(static_cast<int64_t>(done.updates()));
  rows_.add(static_cast<int64_t>(done.rows().size()));
  start_when_due();

  for (const auto& [room, what] : rooms) room->on_saved(what);
}

void Journal::drop_refused(Status why, const ReplyItems& items) {
  std::vector<Journaled*> lost;
  const auto named = [&](const Batch::Row& row) {
    return std::any_of(items.begin(), items.end(), [&](const ReplyItem& item) {
      return item.kind == FRESHET_STORE_ROOM && as_text(item.bytes) == row.room->name();
    });
  };
  const auto of_lost = [&](const Batch::Row& row) {
    return std::find(lost.begin(), lost.end(), row.room) != lost.end();
  };
  for (const Batch::Row& row : batch_.rows()) {
    if (named(row) && !of_lost(row)) lost.push_back(row.room);
  }
  batch_.drop(of_lost);
  for (Batch& batch : waiting_) batch.drop(of_lost);
  drop_empty_batches();
  for (Journaled* room : lost) {
    log_.error("journal", "the store " + std::string(fault_in_words(why)) + " room \"" +
                              room->name() + "\"; its unsaved edits are not written");
    room->on_refused(why);
  }
}

void Journal::drop_empty_batches() {
  for (const Batch& batch : waiting_) {
    if (batch.empty()) count_unsaved(0, batch.bytes());
  }
  std::erase_if(waiting_, [](const Batch& batch) { return batch.empty(); });
}

void Journal::on_late() { set_failing(true, "it does not answer"); }

void Journal::retry_later(const std::string& why) {
  set_failing(true, why);
  retry_ms_ = retry_ms_ == 0 ? limits_.retry_min_ms : std::min(retry_ms_ * 2, limits_.retry_max_ms);
  loop_.after(retry_ms_, [](void* self) { static_cast<Journal*>(self)->write(); }, this);
}

void Journal::set_failing(bool failing, std::string_view why) {
  if (failing == failing_) return;
  failing_ = failing;
  failing_shards_.add(failing ? 1 : -1);
  if (failing) {
    log_.error("journal", "the store does not take updates (" + std::string(why) +
                              "); nothing is acknowledged until it does");
  } else {
    log_.info("journal", "the store takes updates again");
  }
}

}  // namespace freshet
