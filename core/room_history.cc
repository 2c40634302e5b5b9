// What the store has of a room: loading it, and replacing its log by a snapshot now and then.
#include <algorithm>

#include "core/room.h"

namespace freshet {
namespace {

constexpr uint64_t kCompactAgainMs = 60'000;  // after a failure

struct History {
  freshet_epoch epoch{};
  uint64_t last_seq = 0;
  size_t snapshot_bytes = 0;
  size_t log_updates = 0;
  size_t log_bytes = 0;
};

// Status::corrupt unless the items are what abi/store.h promises of a load.
Result<History> read_history(const ReplyItems& items) {
  History history;
  const ReplyItem* epoch = find_item(items, FRESHET_STORE_EPOCH);
  if (epoch == nullptr || epoch->bytes.size() != sizeof(history.epoch.bytes)) {
    return Status::corrupt;
  }
  std::copy(epoch->bytes.begin(), epoch->bytes.end(), history.epoch.bytes);
  for (const ReplyItem& item : items) {
    if (item.kind == FRESHET_STORE_SNAPSHOT) {
      history.snapshot_bytes = item.bytes.size();
      history.last_seq = item.number;
    } else if (item.kind == FRESHET_STORE_UPDATE) {
      if (item.number != history.last_seq + 1) return Status::corrupt;
      history.last_seq = item.number;
      ++history.log_updates;
      history.log_bytes += item.bytes.size();
    }
  }
  return history;
}

bool holds_update(const ReplyItem& item) {
  return item.kind == FRESHET_STORE_SNAPSHOT || item.kind == FRESHET_STORE_UPDATE;
}

Result<Loaded> build(const freshet_crdt& crdt, const ReplyItems& items) {
  FRESHET_TRY(const History history, read_history(items));
  Document document(crdt);
  if (!document) return Status::retry;
  for (const ReplyItem& item : items) {
    if (!holds_update(item)) continue;
    freshet_applied applied{};
    const Status status = document.load(FRESHET_UPDATE_V1, item.bytes, applied);
    if (status != Status::ok) return status == Status::malformed ? Status::corrupt : status;
  }
  return Loaded{std::move(document),    history.epoch,       history.last_seq,
                history.snapshot_bytes, history.log_updates, history.log_bytes};
}

Status loads(const freshet_crdt& crdt, Bytes snapshot) {
  Document document(crdt);
  freshet_applied applied{};
  return document ? document.load(FRESHET_UPDATE_V1, snapshot, applied) : Status::retry;
}

}  // namespace

// ---- loading

// The room stays until this has ended: it is not quiet while it is loading.
void Room::start_load() {
  services_.store.load(services_.loop.shard(), name_, [this](Status status, ReplyItems items) {
    if (status == Status::not_found) {
      Loaded fresh{Document(services_.crdt), {}};
      const auto& platform = services_.loop.platform();
      platform.random(platform.self, fresh.epoch.bytes, sizeof(fresh.epoch.bytes));
      return fresh.document ? on_loaded(std::move(fresh)) : on_load_failed(Status::retry);
    }
    if (status != Status::ok) return on_load_failed(status);
    const Status queued = services_.workers.run([this, items = std::move(items)] {
      Result<Loaded> built = build(services_.crdt, items);
      services_.loop.post([this, built = std::move(built)]() mutable {
        if (built) {
          on_loaded(std::move(*built));
        } else {
          on_load_failed(built.status());
        }
      });
    });
    if (queued != Status::ok) on_load_failed(queued);
  });
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
  if (last_seq_ == 0 || !saved() || !held_.empty() || compacting_) return false;
  return std::ranges::none_of(present_, [](const Member* member) { return member->lagging; });
}

void Room::fall_asleep() {
  services_.metrics.hibernations.add();
  static_cast<void>(state_vector());  // kept, for readers that fall behind meanwhile
  shared_diff_ = {};
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
  return log_bytes_ >= std::max(limits.compact_bytes, snapshot_bytes_) ||
         (log_updates_ >= limits.compact_updates && log_bytes_ * 4 >= snapshot_bytes_);
}

// Reads back what is stored, merges it on a worker, and swaps it in. The shard does nothing but
// pass it on, and what is appended meanwhile stays in the log.
void Room::compact() {
  compacting_ = true;
  services_.store.load(services_.loop.shard(), name_, [this](Status status, ReplyItems items) {
    if (status != Status::ok) return compaction_failed(status);
    merge(std::move(items));
  });
}

void Room::merge(ReplyItems items) {
  const Status queued = services_.compactors.run([this, items = std::move(items)] {
    std::vector<freshet_bytes> updates;
    for (const ReplyItem& item : items) {
      if (holds_update(item)) updates.push_back(to_c(Bytes(item.bytes)));
    }
    const Result<History> history = read_history(items);
    std::vector<uint8_t> merged;
    const auto& crdt = services_.crdt;
    Status status = !history ? history.status()
                             : Status{crdt.merge(crdt.self, FRESHET_UPDATE_V1, updates.data(),
                                                 updates.size(), VectorSink(merged).c())};
    // What cannot be loaded again must not replace what can.
    if (status == Status::ok) status = loads(crdt, merged);
    const uint64_t through = history ? history->last_seq : 0;
    services_.loop.post([this, status, through, merged = std::move(merged)]() mutable {
      if (status != Status::ok) return compaction_failed(status);
      replace(through, std::move(merged));
    });
  });
  if (queued != Status::ok) compaction_failed(queued);
}

void Room::replace(uint64_t through_seq, std::vector<uint8_t> snapshot) {
  const size_t size = snapshot.size();
  services_.store.replace(services_.loop.shard(), name_, epoch_, through_seq, std::move(snapshot),
                          [this, through_seq, size](Status status, const ReplyItems&) {
                            if (status != Status::ok) return compaction_failed(status);
                            compacting_ = false;
                            services_.metrics.compactions.add();
                            snapshot_bytes_ = size;
                            // What is left was appended since; its bytes are in proportion, near
                            // enough.
                            const size_t left =
                                static_cast<size_t>(last_seq_ - std::min(last_seq_, through_seq));
                            log_bytes_ = log_updates_ == 0 ? 0 : log_bytes_ / log_updates_ * left;
                            log_updates_ = left;
                          });
}

void Room::compaction_failed(Status status) {
  compacting_ = false;
  compact_not_before_ms_ = services_.now_ms + kCompactAgainMs;
  services_.log.warn("room", "the log of room \"" + name_ + "\" could not be compacted: " +
                                 std::string(name_of(status)) + "; it is tried again later");
}

}  // namespace freshet
