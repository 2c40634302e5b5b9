#include "core/store/journal.h"

#include <algorithm>
#include <unordered_map>

#include "core/store/epoch.h"

namespace freshet {
namespace {

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

Journal::Journal(const Run& run, Loop loop, StoreQueue& store, const Limits& limits, Log& log,
                 Metrics& metrics)
    : loop_(loop),
      store_(store),
      limits_(limits),
      log_(log),
      commits_(metrics.counter("freshet_journal_commits_total", "Batches written to the store.")),
      updates_(metrics.counter("freshet_journal_updates_total", "Updates written to the store.")),
      failing_shards_(metrics.gauge("freshet_journal_failing",
                                    "Shards whose journal cannot write to the store now.")),
      unsaved_(metrics.gauge("freshet_unsaved_bytes", "Applied, but not on disk yet.")) {
  call_.size = sizeof(call_);
  std::ranges::copy(run, call_.writer.run);
  call_.writer.shard = loop_.shard();
}

uint64_t Journal::append(Journaled& room, const JournalRow& row) {
  assert_on(loop_.shard());
  const bool fresh = waiting_.empty() || waiting_.back().entries.size() >= limits_.batch_updates ||
                     waiting_.back().bytes.size() >= limits_.batch_bytes;
  if (fresh) {
    Batch batch;
    add(batch, room, row);
    waiting_.push_back(std::move(batch));
  } else {
    add(waiting_.back(), room, row);
  }
  ++last_;
  unsaved_bytes_ += row.update.size();
  unsaved_.add(static_cast<int64_t>(row.update.size()));
  if (!in_flight_) start();
  return last_;
}

// If memory runs out, the batch is as before: what may fail comes first.
void Journal::add(Batch& batch, Journaled& room, const JournalRow& row) {
  if (batch.entries.size() == batch.entries.capacity()) {
    batch.entries.reserve(2 * batch.entries.size() + 1);
  }
  // Mostly one goes on typing.
  const bool again = !batch.entries.empty() && author_of(batch, batch.entries.back()) == row.author;
  const size_t author_at = again ? batch.entries.back().author_offset : batch.authors.size();
  batch.authors.reserve(batch.authors.size() + (again ? 0 : row.author.size()));
  const size_t at = batch.bytes.size();
  batch.bytes.insert(batch.bytes.end(), row.update.begin(), row.update.end());
  if (!again) batch.authors += row.author;
  batch.entries.push_back({.room = &room,
                           .epoch = row.epoch,
                           .is_new = row.is_new,
                           .position = last_ + 1,
                           .unix_ms = loop_.unix_ms(),
                           .offset = at,
                           .size = row.update.size(),
                           .author_offset = author_at,
                           .author_size = row.author.size()});
}

std::string_view Journal::author_of(const Batch& batch, const Entry& entry) {
  return std::string_view(batch.authors).substr(entry.author_offset, entry.author_size);
}

void Journal::start() {
  batch_ = std::move(waiting_.front());
  waiting_.pop_front();
  in_flight_ = true;
  ++call_.number;
  write();
}

void Journal::write() {
  const OnShard here(loop_.shard());
  appends_.clear();
  for (const Entry& e : batch_.entries) {
    appends_.push_back({.room = to_c(std::string_view(e.room->name())),
                        .epoch = e.epoch,
                        .flags = e.is_new ? uint32_t{FRESHET_APPEND_NEW} : 0,
                        .update = {batch_.bytes.data() + e.offset, e.size},
                        .author = to_c(author_of(batch_, e)),
                        .first_unix_ms = e.unix_ms,
                        .last_unix_ms = e.unix_ms,
                        .first_number = e.position,
                        .last_number = e.position});
  }
  call_.entries = appends_.data();
  call_.count = appends_.size();
  store_.append(loop_.shard(), call_, std::make_unique<Call>(*this));
}

void Journal::on_done(Status status, const ReplyItems& items) {
  if (status == Status::ok) {
    const std::optional<StoredRooms> rooms = written(items);
    if (!rooms) return retry_later(Status::internal);
    retry_ms_ = 0;
    set_failing(false, "");
    return finish_batch(*rooms);
  }
  if (!fault_in_words(status).empty() && find_item(items, FRESHET_STORE_ROOM) != nullptr) {
    const size_t before = batch_.entries.size();
    drop_refused(status, items);
    if (batch_.entries.empty()) return finish_batch({});
    if (batch_.entries.size() < before) {
      ++call_.number;
      return write();
    }
  }
  retry_later(status);
}

std::optional<Journal::StoredRooms> Journal::written(const ReplyItems& items) const {
  StoredRooms rooms;
  std::unordered_map<const Journaled*, size_t> index;
  std::optional<freshet_epoch> epoch;  // of the entry whose sequence comes next
  auto entry = batch_.entries.begin();
  for (const ReplyItem& item : items) {
    if (item.kind == FRESHET_STORE_EPOCH) epoch = epoch_of(item.bytes);
    if (item.kind != FRESHET_STORE_SEQ) continue;
    if (entry == batch_.entries.end()) return std::nullopt;
    const auto [at, is_new] = index.try_emplace(entry->room, rooms.size());
    if (is_new) rooms.emplace_back(entry->room, Stored{});
    Stored& stored = rooms[at->second].second;
    ++stored.rows;
    stored.last_seq = item.number;
    if (epoch) stored.epoch = std::exchange(epoch, std::nullopt);
    ++entry;
  }
  return entry == batch_.entries.end() ? std::optional(std::move(rooms)) : std::nullopt;
}

void Journal::finish_batch(const StoredRooms& rooms) {
  // Rooms may append from within on_saved(), so the journal is in order before they hear.
  Batch done = std::move(batch_);
  in_flight_ = false;
  unsaved_bytes_ -= done.bytes.size();
  unsaved_.add(-static_cast<int64_t>(done.bytes.size()));
  saved_ = waiting_.empty() ? last_ : waiting_.front().entries.front().position - 1;
  if (!done.entries.empty()) commits_.add();
  updates_.add(static_cast<int64_t>(done.entries.size()));
  if (!waiting_.empty()) start();

  for (const auto& [room, what] : rooms) room->on_saved(what);
}

void Journal::drop_refused(Status why, const ReplyItems& items) {
  std::vector<Journaled*> lost;
  const auto named = [&](const Entry& e) {
    return std::any_of(items.begin(), items.end(), [&](const ReplyItem& item) {
      return item.kind == FRESHET_STORE_ROOM && as_text(item.bytes) == e.room->name();
    });
  };
  for (const Entry& e : batch_.entries) {
    if (named(e) && std::find(lost.begin(), lost.end(), e.room) == lost.end()) {
      lost.push_back(e.room);
    }
  }
  const auto of_lost = [&](const Entry& e) {
    return std::find(lost.begin(), lost.end(), e.room) != lost.end();
  };
  std::erase_if(batch_.entries, of_lost);
  for (Batch& batch : waiting_) std::erase_if(batch.entries, of_lost);
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    if (!it->entries.empty()) {
      ++it;
      continue;
    }
    unsaved_bytes_ -= it->bytes.size();
    unsaved_.add(-static_cast<int64_t>(it->bytes.size()));
    it = waiting_.erase(it);
  }
  for (Journaled* room : lost) {
    log_.error("journal", "the store " + std::string(fault_in_words(why)) + " room \"" +
                              room->name() +
                              "\"; its unsaved edits are dropped and its sessions closed");
    room->on_refused();
  }
}

void Journal::on_late() { set_failing(true, "it does not answer"); }

void Journal::retry_later(Status status) {
  set_failing(true, name_of(status));
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
