#include "core/loop/replies.h"

#include <algorithm>

namespace freshet {

namespace {

struct Overdue {
  Callee* of;
  PendingCall* call;
  uint64_t after_ms;
};

}  // namespace

const ReplyItem* find_item(const ReplyItems& items, uint32_t kind) {
  for (const auto& item : items) {
    if (item.kind == kind) return &item;
  }
  return nullptr;
}

Callee::Callee(Replies& into, std::string_view plugin, std::string_view name,
               std::initializer_list<Status> usual, const PluginLimits& of_plugin,
               Nonsense nonsense_in)
    : replies(into),
      limits(of_plugin),
      function(into.metrics_, into.log_, plugin, name, usual),
      breaker(of_plugin, plugin, name, into.metrics_, into.log_),
      nonsense(nonsense_in),
      c{sizeof(freshet_replies), this, Replies::write, Replies::done} {}

bool Callee::admits() { return breaker.admits(replies.platform_.now_ms(replies.platform_.self)); }

Replies::Replies(const freshet_platform& platform, Metrics& metrics, Log& log)
    : platform_(platform),
      metrics_(metrics),
      log_(log),
      stray_(metrics.counter("freshet_stray_replies_total",
                             "Answers of plugins to calls that were answered already.")),
      late_(metrics.counter("freshet_late_replies_total",
                            "Calls of plugins that were not answered in time.")) {}

freshet_reply Replies::expect(Callee& of, uint32_t shard, std::unique_ptr<PendingCall> call,
                              uint32_t deadline_ms, size_t limit_bytes) {
  const uint64_t now_ms = Loop(platform_, shard).now_ms();
  const std::lock_guard lock(mutex_);
  waiting_.emplace(
      ++last_token_,
      Waiting{
          &of, shard, std::move(call), now_ms, now_ms + deadline_ms, false, limit_bytes, {}, {}});
  of.function.asked();
  return {&of.c, last_token_};
}

freshet_status Replies::write(void* ctx, uint64_t token, const freshet_item* item) {
  return static_cast<freshet_status>(
      if_memory([&] { return static_cast<Callee*>(ctx)->replies.take(token, *item); }));
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
  auto& of = *static_cast<Callee*>(ctx);
  of.replies.end(of, token, status);
}

void Replies::end(Callee& of, uint64_t token, freshet_status status) {
  const uint64_t now_ms = platform_.now_ms(platform_.self);
  Waiting waiting;
  {
    const std::lock_guard lock(mutex_);
    const auto it = waiting_.find(token);
    if (it != waiting_.end()) {
      waiting = std::move(it->second);
      waiting_.erase(it);
    }
  }
  if (!waiting.call) {
    stray_.add();
    return of.function.answered_again(now_ms);
  }
  of.function.ended();
  const Status known = judged(of, waiting, status, now_ms);
  Loop(platform_, waiting.shard)
      .post([call = std::move(waiting.call), items = std::move(waiting.items), known]() mutable {
        call->done(known, std::move(items));
      });
}

// What is to be taken for the answer, which is counted and, where it says that something is wrong,
// told.
Status Replies::judged(Callee& of, const Waiting& waiting, freshet_status status, uint64_t now_ms) {
  const bool is_known = status >= FRESHET_OK && status <= FRESHET_INTERNAL;
  Status known = is_known ? Status{status} : Status::internal;
  const uint64_t took_ms = now_ms - std::min(now_ms, waiting.since_ms);
  if (waiting.thrown.empty()) {
    of.function.answered(known, took_ms, now_ms,
                         of.function.is_usual(known) ? std::string() : waiting.call->about());
  } else {
    of.function.threw(waiting.thrown, now_ms, waiting.call->about());
  }
  if (known == Status::ok && of.nonsense != nullptr && !waiting.late) {
    const std::string_view what = of.nonsense(waiting.items);
    if (!what.empty()) {
      of.function.answered_nonsense(what, now_ms, waiting.call->about());
      known = Status::internal;
    }
  }
  of.breaker.answered(of.function.is_usual(known), waiting.late, now_ms);
  return known;
}

void Replies::threw(Callee& of, freshet_reply reply, std::string_view what) {
  bool waits = false;
  {
    const std::lock_guard lock(mutex_);
    const auto it = waiting_.find(reply.token);
    waits = it != waiting_.end();
    if (waits) it->second.thrown = what;
  }
  if (waits) return fail(reply, Status::internal);
  of.function.threw(what, platform_.now_ms(platform_.self), "");
}

void Replies::check_deadlines(uint32_t shard) {
  const uint64_t now = Loop(platform_, shard).now_ms();
  std::vector<Overdue> overdue;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [token, waiting] : waiting_) {
      if (waiting.shard != shard || waiting.late || waiting.deadline_ms > now) continue;
      waiting.late = true;
      overdue.push_back({waiting.of, waiting.call.get(), now - waiting.since_ms});
    }
  }
  // A call is destroyed on its own shard only, which is here.
  for (const Overdue& each : overdue) {
    late_.add();
    each.of->function.late(each.after_ms, now, each.call->about());
    each.of->breaker.late(now);
    each.call->late();
  }
}

}  // namespace freshet
