#include "core/apps/notices.h"

#include "core/apps/limits.h"
#include "core/loop/plugin_call.h"

namespace freshet {
namespace {

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

  bool asks() const { return bool(entry_.asked); }
  std::string about() const override { return "room \"" + entry_.notice.room + "\""; }

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
    answer(status, std::move(items));
    owner_.turns_.release();
  }

 private:
  void find_state() {
    if (stored_.status() == Status::not_found) {
      entry_.notice.state.assign(std::begin(kEmptyState), std::end(kEmptyState));
    } else if (stored_) {
      Result<std::vector<uint8_t>> merged = merge_history(owner_.parts_.crdt, *stored_);
      unread_ = merged.status();
      if (merged) entry_.notice.state = std::move(*merged);
    }
  }

  void answer(Status status, ReplyItems items) {
    if (std::exchange(answered_, true)) return;
    const std::string room = entry_.notice.room;
    if (unread_ != Status::ok) owner_.note_unread(room, unread_);
    if (status != Status::ok && !(entry_.asked && status == Status::not_found)) {
      owner_.parts_.metrics.failed.add();
    }
    if (entry_.asked) entry_.asked(status, std::move(items));
    if (entry_.notice.answered) entry_.notice.answered(status);
    owner_.turns_.next(room);
    owner_.count_waiting();
  }

  Notices& owner_;
  Entry entry_;
  const Result<ReplyItems> stored_;  // where the state is found if the room is not in memory
  Status unread_ = Status::ok;       // why it is not
  bool answered_ = false;
};

Notices::Notices(Application& app, const Parts& parts, LiveState live_state)
    : app_(app),
      parts_(parts),
      live_state_(std::move(live_state)),
      turns_(kNoticesAtOnce,
             [this](const std::string& room, Entry entry) { start(room, std::move(entry)); }) {}

void Notices::tell(Notice notice) {
  if (!app_.wants_state(notice.kind)) notice.state.clear();
  if (tells_already(notice)) return;
  if (!takes(notice)) {
    if (notice.answered) notice.answered(Status::limit);
    return parts_.metrics.dropped.add();
  }
  push({.notice = std::move(notice), .since_ms = parts_.loop.now_ms()});
}

// One that waits tells of this change, too.
bool Notices::tells_already(const Notice& notice) const {
  if (notice.kind != FRESHET_STORAGE_UPDATED) return false;
  const Entry* last = turns_.last(notice.room);
  return last != nullptr && last->notice.kind == FRESHET_STORAGE_UPDATED;
}

// With nothing waiting it is taken whatever its size: else a large room's end was never told.
bool Notices::takes(const Notice& notice) const {
  if (turns_.bytes() == 0) return true;
  const size_t limit = parts_.limit_bytes / (may_be_missed(notice.kind) ? kMessageShare : 1);
  const size_t bytes = notice.size_bytes(), of_room = turns_.bytes_of(notice.room);
  if (of_room != 0 && of_room + bytes > limit / kRoomShare) return false;
  return turns_.bytes() + bytes <= limit;
}

void Notices::ask_initial_storage(const std::string& room, Asked done) {
  push({.notice = {.room = room}, .asked = std::move(done), .since_ms = parts_.loop.now_ms()});
}

void Notices::push(Entry entry) {
  const std::string room = entry.notice.room;
  const size_t bytes = entry.notice.size_bytes();
  turns_.push(room, std::move(entry), bytes);
  count_waiting();
}

void Notices::count_waiting() {
  const size_t bytes = turns_.bytes();
  parts_.metrics.waiting.add(static_cast<int64_t>(bytes) - static_cast<int64_t>(counted_bytes_));
  counted_bytes_ = bytes;
}

void Notices::start(const std::string& room, Entry entry) {
  Notice& notice = entry.notice;
  const bool lacks_state = !entry.asked && app_.wants_state(notice.kind) && notice.state.empty();
  if (!lacks_state || live_state_(room, notice.state)) {
    return give(std::move(entry), Status::internal);
  }
  parts_.store.load(parts_.loop.shard(), room,
                    [this, entry = std::move(entry)](Status status, ReplyItems items) mutable {
                      const bool ok = status == Status::ok;
                      if (!ok && status != Status::not_found)
                        note_unread(entry.notice.room, status);
                      give(std::move(entry),
                           ok ? Result(std::move(items)) : Result<ReplyItems>(status));
                    });
}

void Notices::give(Entry entry, Result<ReplyItems> stored) {
  if (!entry.asked) parts_.metrics.given.add();
  auto call = std::make_unique<Call>(*this, std::move(entry), std::move(stored));
  Call* borrowed = call.get();
  Callee& of = borrowed->asks() ? app_.initial_storage : app_.notice;
  if (!of.admits()) {
    return parts_.loop.post([call = std::move(call)]() mutable { call->done(Status::retry, {}); });
  }
  const freshet_reply reply =
      parts_.replies.expect(of, parts_.loop.shard(), std::move(call),
                            of.deadline_ms(parts_.limits.app_deadline_ms), kFirstStateBytes);
  const Status queued = app_.workers.run([borrowed, reply, called = &of] {
    call_plugin(*called, reply, [&] { borrowed->run(reply); });
  });
  if (queued != Status::ok) parts_.replies.fail(reply, queued);
}

// Whoever waits for a first state behind notices that the app does not answer.
void Notices::tick(uint64_t now_ms) {
  const std::vector<Entry> overdue = turns_.take_if([&](const Entry& entry) {
    return entry.asked && now_ms - entry.since_ms >= parts_.limits.app_deadline_ms;
  });
  count_waiting();
  for (const Entry& entry : overdue) entry.asked(Status::retry, {});
}

void Notices::note_unread(const std::string& room, Status status) {
  parts_.metrics.failed.add();
  const uint64_t now = parts_.loop.now_ms();
  if (now < log_not_before_ms_) return;
  log_not_before_ms_ = now + kAppLogAgainMs;
  parts_.log.warn(
      "app", app_.plugin + " is told of room \"" + room +
                 "\" without its state, which cannot be read: " + std::string(name_of(status)) +
                 "; freshet_app_failures_total counts what follows");
}

}  // namespace freshet
