#include "core/residence/compaction.h"

#include <algorithm>

#include "core/cluster/bus_message.h"
#include "core/residence/or_retry.h"

namespace freshet {
namespace {

constexpr uint64_t kAgainMs = 60'000;      // after a failure
constexpr uint32_t kFoldClaimMs = 60'000;  // if its node dies meanwhile

// A snapshot costs about the document's size, so a large one waits for a larger log: what
// compaction writes stays in proportion to what was edited.
bool is_long(const Limits& limits, const History& history) {
  return history.log_bytes >= std::max(limits.compact_bytes, history.snapshot_bytes) ||
         (history.log_updates >= limits.compact_updates &&
          history.log_bytes * 4 >= history.snapshot_bytes);
}

}  // namespace

bool Compaction::due() const {
  // Not only when all is saved: with edits always on their way, that moment never comes.
  if (running_ || services_.journal.failing()) return false;
  if (services_.now_ms < not_before_ms_) return false;
  return is_long(services_.limits, history_);
}

void Compaction::start(size_t document_bytes) {
  running_ = true;
  if (!services_.bus.there()) return read(document_bytes);
  claim(kFoldClaimMs, [this, document_bytes](Status status, const ReplyItems&) {
    if (status != Status::conflict) return read(document_bytes);
    running_ = false;  // another node does it
    not_before_ms_ = services_.now_ms + kAgainMs;
  });
}

// Of several nodes that have the room open one is to do it. It only saves work: what two fold is
// right all the same.
void Compaction::claim(uint32_t ms, StoreQueue::Done done) {
  const bool free = ms == 0;
  const Status asked = if_memory([&] {
    services_.store.cluster(
        services_.loop.shard(),
        [name = "fold " + room_, node = bus::node_of(services_.self), ms](
            const freshet_store& store, freshet_reply reply) {
          store.claim(store.self, to_c(name), node, ms, reply);
        },
        std::move(done));
    return Status::ok;
  });
  if (asked != Status::ok && !free) fail(asked);
}

void Compaction::read(size_t document_bytes) {
  services_.store.load(services_.loop.shard(), room_,
                       [this, document_bytes](Status status, ReplyItems items) {
                         if (status != Status::ok) return fail(status);
                         merge(std::move(items), document_bytes);
                       });
}

// What is stored is built once more, to be merged and then to be tried.
void Compaction::merge(ReplyItems items, size_t document_bytes) {
  const Status queued = services_.compactors.run([this, document_bytes, items = std::move(items)] {
    const Result<History> history = read_history(items);
    if (history && !is_long(services_.limits, *history)) {
      return services_.loop.post([this, stored = *history] {
        end();
        count_from(stored);
      });
    }
    Result<std::vector<uint8_t>> merged = or_retry<std::vector<uint8_t>>([&] {
      Share share(&services_.budget);
      if (!share.hold(document_bytes)) return Result<std::vector<uint8_t>>(Status::limit);
      return merge_history(services_.crdt, items);
    });
    // What cannot be loaded again must not replace what can.
    const Status status =
        merged ? loads(services_.crdt, services_.budget, *merged) : merged.status();
    services_.loop.post([this, status, history, merged = std::move(merged)]() mutable {
      if (status != Status::ok) return fail(status);
      fold(*history, std::move(*merged));
    });
  });
  if (queued != Status::ok) fail(queued);
}

void Compaction::fold(const History& through, std::vector<uint8_t> snapshot) {
  History folded = through;
  folded.snapshot_bytes = snapshot.size();
  folded.log_updates = folded.log_bytes = 0;
  services_.store.fold(services_.loop.shard(), room_,
                       {through.epoch, through.last_seq, through.last_writer}, std::move(snapshot),
                       [this, folded](Status status, const ReplyItems&) {
                         if (status != Status::ok) return fail(status);
                         end();
                         services_.metrics.compactions.add();
                         count_from(folded);
                       });
}

// What came after what is `stored` was appended since; its bytes are in proportion, near enough.
void Compaction::count_from(const History& stored) {
  const size_t rows = history_.log_updates;
  const size_t row_bytes = rows == 0 ? 0 : history_.log_bytes / rows;
  const auto since =
      static_cast<size_t>(history_.last_seq - std::min(history_.last_seq, stored.last_seq));
  history_.snapshot_bytes = stored.snapshot_bytes;
  history_.log_updates = stored.log_updates + since;
  history_.log_bytes = stored.log_bytes + row_bytes * since;
}

// Whoever comes next need not wait until it ends by itself.
void Compaction::end() {
  running_ = false;
  if (services_.bus.there()) claim(0, [](Status, const ReplyItems&) {});
}

void Compaction::fail(Status status) {
  end();
  not_before_ms_ = services_.now_ms + kAgainMs;
  services_.log.warn("room", "the log of room \"" + room_ + "\" could not be compacted: " +
                                 std::string(name_of(status)) + "; it is tried again later");
}

}  // namespace freshet
