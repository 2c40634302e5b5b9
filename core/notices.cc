#include "core/notices.h"

#include <algorithm>

namespace freshet {
namespace {

constexpr size_t kGivenAtOnce = 16;
// Of the bound: past it only what comes once for each session and room is still taken.
constexpr size_t kMessageShare = 4;
constexpr size_t kAnswerBytes = size_t{1} << 30;  // a first state
constexpr uint64_t kLogAgainMs = 10'000;
constexpr uint8_t kEmptyState[] = {0, 0};

// What comes again anyway, or whose loss an app can do without.
bool may_be_missed(uint32_t kind) {
  return kind == FRESHET_ROOM_MESSAGE || kind == FRESHET_STORAGE_UPDATED;
}

}  // namespace

// One call of the app, with all it borrows. Lives until the app is done with it.
class Notices::Call final : public PendingCall {
 public:
  Call(Notices& owner, Entry entry, Result<ReplyItems> stored)
      : owner_(owner), entry_(std::move(entry)), stored_(std::move(stored)) {}

  // On a worker of the app.
  void run(freshet_reply reply) {
    const freshet_app& app = owner_.app_.table;
    Notice& notice = entry_.notice;
    if (entry_.asked) {
      return app.initial_storage(app.self, to_c(std::string_view(notice.room)), reply);
    }
    if (owner_.app_.wants_state(notice.kind) && notice.state.empty()) find_state();
    const freshet_notice c = notice.c();
    app.notice(app.self, &c, reply);
  }

  void late() override { answer(Status::retry, {}); }
  void done(Status status, ReplyItems items) override {
    --owner_.given_;
    answer(status, std::move(items));
    owner_.start_all();
  }

 private:
  void find_state() {
    if (stored_.status() == Status::not_found) {
      entry_.notice.state.assign(std::begin(kEmptyState), std::end(kEmptyState));
    } else if (stored_) {
      Result<std::vector<uint8_t>> merged = merge_history(owner_.parts_.crdt, *stored_);
      if (merged) entry_.notice.state = std::move(*merged);
    }
  }

  void answer(Status status, ReplyItems items) {
    if (std::exchange(answered_, true)) return;
    const std::string room = entry_.notice.room;
    if (status != Status::ok && !(entry_.asked && status == Status::not_found)) {
      owner_.note(room, status);
    }
    if (entry_.asked) entry_.asked(status, std::move(items));
    owner_.next(room);
  }

  Notices& owner_;
  Entry entry_;
  const Result<ReplyItems> stored_;  // where the state is found if the room is not in memory
  bool answered_ = false;
};

void Notices::tell(Notice notice) {
  if (!takes(notice)) return parts_.metrics.dropped.add();
  push({.notice = std::move(notice), .since_ms = parts_.loop.now_ms()});
}

bool Notices::takes(const Notice& notice) {
  const size_t share = may_be_missed(notice.kind) ? kMessageShare : 1;
  return bytes_ + notice.size_bytes() <= parts_.limit_bytes / share;
}

void Notices::ask_initial_storage(const std::string& room, Asked done) {
  push({.notice = {.room = room}, .asked = std::move(done), .since_ms = parts_.loop.now_ms()});
}

void Notices::push(Entry entry) {
  Queue& queue = rooms_[entry.notice.room];
  // One that waits tells of this change, too.
  if (entry.notice.kind == FRESHET_STORAGE_UPDATED && !queue.waiting.empty() &&
      queue.waiting.back().notice.kind == FRESHET_STORAGE_UPDATED) {
    return;
  }
  const size_t size = entry.notice.size_bytes();
  bytes_ += size;
  parts_.metrics.waiting.add(static_cast<int64_t>(size));
  if (!queue.busy && queue.waiting.empty()) ready_.push_back(entry.notice.room);
  queue.waiting.push_back(std::move(entry));
  start_all();
}

void Notices::start_all() {
  while (!ready_.empty() && given_ < kGivenAtOnce) {
    const std::string room = std::move(ready_.front());
    ready_.pop_front();
    const auto queue = rooms_.find(room);
    if (queue != rooms_.end() && !queue->second.busy && !queue->second.waiting.empty()) {
      start(room, queue->second);
    }
  }
}

void Notices::start(const std::string& room, Queue& queue) {
  Entry entry = std::move(queue.waiting.front());
  queue.waiting.pop_front();
  queue.busy = true;
  ++given_;
  const size_t size = entry.notice.size_bytes();
  bytes_ -= size;
  parts_.metrics.waiting.add(-static_cast<int64_t>(size));
  Notice& notice = entry.notice;
  const bool lacks_state = !entry.asked && app_.wants_state(notice.kind) && notice.state.empty();
  if (!lacks_state || parts_.live_state(room, notice.state)) {
    return give(std::move(entry), Status::internal);
  }
  parts_.store.load(parts_.loop.shard(), room,
                    [this, entry = std::move(entry)](Status status, ReplyItems items) {
                      if (status == Status::ok) return give(entry, std::move(items));
                      if (status != Status::not_found) note(entry.notice.room, status);
                      give(entry, status);
                    });
}

void Notices::give(Entry entry, Result<ReplyItems> stored) {
  if (!entry.asked) parts_.metrics.given.add();
  auto call = std::make_unique<Call>(*this, std::move(entry), std::move(stored));
  Call* borrowed = call.get();
  const freshet_reply reply = parts_.replies.expect(parts_.loop.shard(), std::move(call),
                                                    parts_.limits.app_deadline_ms, kAnswerBytes);
  const Status queued = app_.workers.run([borrowed, reply] { borrowed->run(reply); });
  if (queued != Status::ok) parts_.replies.fail(reply, queued);
}

void Notices::next(const std::string& room) {
  const auto it = rooms_.find(room);
  if (it == rooms_.end()) return;
  it->second.busy = false;
  if (it->second.waiting.empty()) {
    rooms_.erase(it);
  } else {
    ready_.push_back(room);
    start_all();
  }
}

// Whoever waits for a first state behind notices that the app does not answer.
void Notices::tick(uint64_t now_ms) {
  std::vector<Asked> overdue;
  for (auto& [room, queue] : rooms_) {
    std::erase_if(queue.waiting, [&](Entry& entry) {
      if (!entry.asked || now_ms - entry.since_ms < parts_.limits.app_deadline_ms) return false;
      overdue.push_back(std::move(entry.asked));
      const size_t size = entry.notice.size_bytes();
      bytes_ -= size;
      parts_.metrics.waiting.add(-static_cast<int64_t>(size));
      return true;
    });
  }
  std::erase_if(rooms_,
                [](const auto& room) { return !room.second.busy && room.second.waiting.empty(); });
  for (const Asked& asked : overdue) asked(Status::retry, {});
}

void Notices::note(const std::string& room, Status status) {
  parts_.metrics.failed.add();
  const uint64_t now = parts_.loop.now_ms();
  if (now < log_not_before_ms_) return;
  log_not_before_ms_ = now + kLogAgainMs;
  parts_.log.warn("app", app_.plugin + " failed on room \"" + room +
                             "\": " + std::string(name_of(status)) +
                             "; freshet_app_failures_total counts what follows");
}

}  // namespace freshet
