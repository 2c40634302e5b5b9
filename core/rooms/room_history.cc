// What the store has of a room: loading it, and replacing its log by a snapshot now and then.
#include <algorithm>

#include "core/rooms/room.h"
#include "core/store/history.h"

namespace freshet {
namespace {

constexpr uint64_t kCompactAgainMs = 60'000;  // after a failure

// Work whose memory is not there can be done later.
template <class T, class F>
Result<T> or_retry(F f) {
  try {
    return f();
  } catch (const std::bad_alloc&) {
    return Status::retry;
  }
}

}  // namespace

// ---- loading

// The room stays until this has ended: it is not quiet while it is loading.
void Room::start_load() {
  services_.store.load(services_.loop.shard(), name_, [this](Status status, ReplyItems items) {
    // One that was asleep is there.
    if (status == Status::not_found && !waking_) return begin();
    if (status != Status::ok) return on_load_failed(status);
    const Status queued = services_.workers.run([this, items = std::move(items)] {
      Result<Loaded> loaded =
          or_retry<Loaded>([&] { return load_history(services_.crdt, services_.budget, items); });
      services_.loop.post([this, loaded = std::move(loaded)]() mutable {
        guarded([&] { loaded ? on_loaded(std::move(*loaded)) : on_load_failed(loaded.status()); });
      });
    });
    if (queued != Status::ok) on_load_failed(queued);
  });
}

// The store does not know it: an app may.
void Room::begin() {
  if (!services_.apps.give_initial_storage()) return begin_with({});
  services_.apps.ask_initial_storage(name_, [this](Status status, ReplyItems items) {
    if (status == Status::not_found) return begin_with({});
    if (status != Status::ok) return on_load_failed(status);
    const auto first = std::ranges::find(items, uint32_t{FRESHET_APP_STATE}, &ReplyItem::kind);
    begin_with(first == items.end() ? std::vector<uint8_t>() : std::move(first->bytes));
  });
}

void Room::begin_with(std::vector<uint8_t> first) {
  new_epoch();
  if (first.empty()) {
    Document empty(services_.crdt, &services_.budget);
    return empty ? begin_new(std::move(empty), 0) : on_load_failed(Status::retry);
  }
  const Status queued = services_.workers.run([this, first = std::move(first)]() mutable {
    Result<Document> document =
        or_retry<Document>([&] { return load_first(services_.crdt, services_.budget, first); });
    services_.loop.post([this, document = std::move(document), first = std::move(first)]() mutable {
      guarded([&] {
        if (!document) return on_load_failed(document.status());
        first.empty() ? begin_new(std::move(*document), 0)
                      : store_first(std::move(*document), std::move(first));
      });
    });
  });
  if (queued != Status::ok) on_load_failed(queued);
}

// Nobody sees it before it is on disk, and no edit waits behind it.
void Room::store_first(Document document, std::vector<uint8_t> state) {
  if (document.stats().memory_bytes > services_.limits.document_bytes) {
    return on_load_failed(Status::too_large);
  }
  first_.emplace(std::move(document));
  const size_t bytes = state.size();
  services_.store.put(services_.loop.shard(), name_, history_.epoch, std::move(state),
                      [this, bytes](Status status, const ReplyItems&) {
                        Document stored = std::move(*first_);
                        first_.reset();
                        if (status != Status::ok) return on_load_failed(status);
                        begin_new(std::move(stored), bytes);
                      });
}

void Room::begin_new(Document document, size_t stored_bytes) {
  History history;
  history.epoch = history_.epoch;
  history.snapshot_bytes = stored_bytes;
  on_loaded({std::move(document), history});
}

void Room::new_epoch() {
  const auto& platform = services_.loop.platform();
  platform.random(platform.self, history_.epoch.bytes, sizeof(history_.epoch.bytes));
}

// ---- asleep

// Somebody needs the document: if the room is asleep it is loading after this, with its members in.
void Room::touch() {
  touched_ms_ = services_.now_ms;
  if (state_ != State::asleep) return;
  state_ = State::loading;
  waking_ = true;
  start_load();
}

// A slow reader is caught up from the document, so one that lags keeps the room awake. One that
// nobody ever wrote into is not in the store, and has nothing to let go of.
bool Room::may_sleep() const {
  const uint64_t after_ms = services_.limits.hibernate_after_ms;
  if (after_ms == 0 || state_ != State::live || services_.now_ms - touched_ms_ < after_ms) {
    return false;
  }
  if (history_.last_seq == 0 || !saved() || !held_.empty() || compacting_ || calls_ != 0)
    return false;
  return std::ranges::none_of(present_, [](const Member* member) { return member->lagging; });
}

void Room::fall_asleep() {
  services_.metrics.hibernations.add();
  static_cast<void>(state_vector());  // kept, for readers that fall behind meanwhile
  shared_diff_ = {};
  given_bytes_ = 0;
  document_.reset();
  state_ = State::asleep;
}

// ---- compaction

// A snapshot costs about the document's size, so a large one waits for a larger log: what
// compaction writes stays in proportion to what was edited.
bool Room::compaction_due() const {
  // Not only when all is saved: with edits always on their way, that moment never comes.
  if (state_ != State::live || compacting_ || services_.journal.failing()) return false;
  if (services_.now_ms < compact_not_before_ms_) return false;
  const Limits& limits = services_.limits;
  return history_.log_bytes >= std::max(limits.compact_bytes, history_.snapshot_bytes) ||
         (history_.log_updates >= limits.compact_updates &&
          history_.log_bytes * 4 >= history_.snapshot_bytes);
}

// Reads back what is stored, merges it on a worker, and swaps it in. The shard does nothing but
// pass it on, and what is appended meanwhile stays in the log.
void Room::compact() {
  compacting_ = true;
  const size_t bytes = document_stats().memory_bytes;
  services_.store.load(services_.loop.shard(), name_,
                       [this, bytes](Status status, ReplyItems items) {
                         if (status != Status::ok) return compaction_failed(status);
                         merge(std::move(items), bytes);
                       });
}

// What is stored is built once more, to be merged and then to be tried.
void Room::merge(ReplyItems items, size_t document_bytes) {
  const Status queued = services_.compactors.run([this, document_bytes, items = std::move(items)] {
    const Result<History> history = read_history(items);
    Result<std::vector<uint8_t>> merged = or_retry<std::vector<uint8_t>>([&] {
      Share share(&services_.budget);
      if (!share.hold(document_bytes)) return Result<std::vector<uint8_t>>(Status::limit);
      return merge_history(services_.crdt, items);
    });
    // What cannot be loaded again must not replace what can.
    const Status status =
        merged ? loads(services_.crdt, services_.budget, *merged) : merged.status();
    services_.loop.post([this, status, history, merged = std::move(merged)]() mutable {
      if (status != Status::ok) return compaction_failed(status);
      replace(history->last_seq, std::move(*merged));
    });
  });
  if (queued != Status::ok) compaction_failed(queued);
}

void Room::replace(uint64_t through_seq, std::vector<uint8_t> snapshot) {
  const size_t size = snapshot.size();
  services_.store.replace(
      services_.loop.shard(), name_, history_.epoch, through_seq, std::move(snapshot),
      [this, through_seq, size](Status status, const ReplyItems&) {
        if (status != Status::ok) return compaction_failed(status);
        compacting_ = false;
        services_.metrics.compactions.add();
        history_.snapshot_bytes = size;
        // What is left was appended since; its bytes are in proportion, near
        // enough.
        const size_t left =
            static_cast<size_t>(history_.last_seq - std::min(history_.last_seq, through_seq));
        history_.log_bytes =
            history_.log_updates == 0 ? 0 : history_.log_bytes / history_.log_updates * left;
        history_.log_updates = left;
      });
}

void Room::compaction_failed(Status status) {
  compacting_ = false;
  compact_not_before_ms_ = services_.now_ms + kCompactAgainMs;
  services_.log.warn("room", "the log of room \"" + name_ + "\" could not be compacted: " +
                                 std::string(name_of(status)) + "; it is tried again later");
}

}  // namespace freshet
