#include "core/residence/compaction.h"

#include <algorithm>

#include "core/residence/or_retry.h"

namespace freshet {
namespace {

constexpr uint64_t kAgainMs = 60'000;  // after a failure

}  // namespace

// A snapshot costs about the document's size, so a large one waits for a larger log: what
// compaction writes stays in proportion to what was edited.
bool Compaction::due() const {
  // Not only when all is saved: with edits always on their way, that moment never comes.
  if (running_ || services_.journal.failing()) return false;
  if (services_.now_ms < not_before_ms_) return false;
  const Limits& limits = services_.limits;
  return history_.log_bytes >= std::max(limits.compact_bytes, history_.snapshot_bytes) ||
         (history_.log_updates >= limits.compact_updates &&
          history_.log_bytes * 4 >= history_.snapshot_bytes);
}

void Compaction::start(size_t document_bytes) {
  running_ = true;
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
      replace(history->last_seq, std::move(*merged));
    });
  });
  if (queued != Status::ok) fail(queued);
}

void Compaction::replace(uint64_t through_seq, std::vector<uint8_t> snapshot) {
  const size_t size = snapshot.size();
  services_.store.replace(services_.loop.shard(), room_, history_.epoch, through_seq,
                          std::move(snapshot),
                          [this, through_seq, size](Status status, const ReplyItems&) {
                            if (status != Status::ok) return fail(status);
                            count_replaced(through_seq, size);
                          });
}

// What is left was appended since; its bytes are in proportion, near enough.
void Compaction::count_replaced(uint64_t through_seq, size_t snapshot_bytes) {
  running_ = false;
  services_.metrics.compactions.add();
  history_.snapshot_bytes = snapshot_bytes;
  const auto left =
      static_cast<size_t>(history_.last_seq - std::min(history_.last_seq, through_seq));
  history_.log_bytes =
      history_.log_updates == 0 ? 0 : history_.log_bytes / history_.log_updates * left;
  history_.log_updates = left;
}

void Compaction::fail(Status status) {
  running_ = false;
  not_before_ms_ = services_.now_ms + kAgainMs;
  services_.log.warn("room", "the log of room \"" + room_ + "\" could not be compacted: " +
                                 std::string(name_of(status)) + "; it is tried again later");
}

}  // namespace freshet
