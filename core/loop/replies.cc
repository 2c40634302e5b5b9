#include "core/loop/replies.h"

namespace freshet {

const ReplyItem* find_item(const ReplyItems& items, uint32_t kind) {
  for (const auto& item : items) {
    if (item.kind == kind) return &item;
  }
  return nullptr;
}

Replies::Replies(const freshet_platform& platform, Metrics& metrics)
    : platform_(platform),
      stray_(metrics.counter("freshet_stray_replies_total",
                             "Answers of plugins to calls that were answered already.")),
      late_(metrics.counter("freshet_late_replies_total",
                            "Calls of plugins that were not answered in time.")) {}

freshet_reply Replies::expect(uint32_t shard, std::unique_ptr<PendingCall> call,
                              uint32_t deadline_ms, size_t limit_bytes) {
  const uint64_t deadline = Loop(platform_, shard).now_ms() + deadline_ms;
  const std::lock_guard lock(mutex_);
  waiting_.emplace(++last_token_,
                   Waiting{shard, std::move(call), deadline, false, limit_bytes, {}});
  return {&c_, last_token_};
}

freshet_status Replies::write(void* ctx, uint64_t token, const freshet_item* item) {
  return static_cast<freshet_status>(
      if_memory([&] { return static_cast<Replies*>(ctx)->take(token, *item); }));
}

Status Replies::take(uint64_t token, const freshet_item& item) {
  // Copied before the lock that all shards share: an item may be a whole document.
  const Bytes bytes = view(item.bytes);
  ReplyItem copy{item.kind, item.number, {bytes.begin(), bytes.end()}};
  const std::lock_guard lock(mutex_);
  const auto it = waiting_.find(token);
  if (it == waiting_.end()) {
    stray_.add();
    return Status::internal;
  }
  Waiting& waiting = it->second;
  if (item.bytes.size > waiting.room_bytes) return Status::too_large;
  waiting.room_bytes -= item.bytes.size;
  if (!waiting.late) waiting.items.push_back(std::move(copy));
  return Status::ok;
}

void Replies::done(void* ctx, uint64_t token, freshet_status status) {
  auto& self = *static_cast<Replies*>(ctx);
  Waiting waiting;
  {
    const std::lock_guard lock(self.mutex_);
    const auto it = self.waiting_.find(token);
    if (it == self.waiting_.end()) return self.stray_.add();
    waiting = std::move(it->second);
    self.waiting_.erase(it);
  }
  const Status known =
      status >= FRESHET_OK && status <= FRESHET_INTERNAL ? Status{status} : Status::internal;
  Loop(self.platform_, waiting.shard)
      .post([call = std::move(waiting.call), items = std::move(waiting.items), known]() mutable {
        call->done(known, std::move(items));
      });
}

void Replies::check_deadlines(uint32_t shard) {
  const uint64_t now = Loop(platform_, shard).now_ms();
  std::vector<PendingCall*> overdue;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [token, waiting] : waiting_) {
      if (waiting.shard != shard || waiting.late || waiting.deadline_ms > now) continue;
      waiting.late = true;
      overdue.push_back(waiting.call.get());
    }
  }
  // A call is destroyed on its own shard only, which is here.
  for (PendingCall* call : overdue) {
    late_.add();
    call->late();
  }
}

}  // namespace freshet
