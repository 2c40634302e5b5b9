#include "core/apps/vetoes.h"

#include <algorithm>
#include <utility>

#include "core/apps/limits.h"
#include "core/report/in_plugin.h"

namespace freshet {

// One question, with all it borrows. Lives until the app is done with it.
class Vetoes::Call final : public PendingCall {
 public:
  Call(Vetoes& owner, Entry entry) : owner_(owner), entry_(std::move(entry)) {
    const Intent& about = *entry_.about;
    c_.size = sizeof(c_);
    c_.room = to_c(std::string_view(about.room));
    c_.session = about.session;
    if (!about.user.empty()) c_.user = to_c(std::string_view(about.user));
    c_.unix_ms = about.unix_ms;
    c_.format = about.format;
    c_.update = to_c(Bytes(about.update));
  }

  std::string about() const override { return "room \"" + entry_.about->room + "\""; }

  // On a worker of the app.
  void run(freshet_reply reply) {
    const freshet_app& app = owner_.app_.table;
    const auto ask = entry_.about->what == FRESHET_VETO_JOIN ? app.before_join : app.before_edit;
    ask(app.self, &c_, reply);
  }

  void late() override { over(); }  // whoever waits for it has heard that already
  void done(Status status, ReplyItems items) override {
    owner_.end(entry_.number, status, items);
    over();
    owner_.turns_.release();
  }

 private:
  void over() {
    if (!std::exchange(over_, true)) owner_.turns_.next(std::to_string(entry_.number));
  }

  Vetoes& owner_;
  const Entry entry_;
  freshet_intent c_{};
  bool over_ = false;
};

Vetoes::Vetoes(Application& app, const Notices::Parts& parts)
    : app_(app),
      parts_(parts),
      timeout_ms_(std::min(app.before_edit.deadline_ms(parts.limits.veto_timeout_ms),
                           parts.limits.veto_timeout_ms)),
      turns_(kQuestionsAtOnce,
             [this](const std::string&, Entry entry) { start(std::move(entry)); }) {}

void Vetoes::ask(Intent about, Judged done) {
  const uint64_t number = ++last_;
  const size_t bytes = about.size_bytes();
  auto kept = std::make_unique<const Intent>(std::move(about));
  // Nothing more waits: but whoever asks is not to be answered inside its question.
  if (!open_.empty() && bytes_ + bytes > parts_.limit_bytes / kQuestionShare) {
    bytes_ += bytes;
    open_.emplace(number, Open{kept.get(), std::move(done), 0});
    return parts_.loop.post([this, number, kept = std::move(kept)] { end_late(number); });
  }
  bytes_ += bytes;
  const uint64_t deadline_ms = parts_.loop.now_ms() + timeout_ms_;
  open_.emplace(number, Open{kept.get(), std::move(done), deadline_ms});
  turns_.push(std::to_string(number), {number, std::move(kept)}, bytes);
  arm();
}

void Vetoes::start(Entry entry) {
  const bool joins = entry.about->what == FRESHET_VETO_JOIN;
  Callee& of = joins ? app_.before_join : app_.before_edit;
  if (!of.admits()) return leave_out(std::move(entry));
  auto call = std::make_unique<Call>(*this, std::move(entry));
  Call* borrowed = call.get();
  const freshet_reply reply =
      parts_.replies.expect(of, parts_.loop.shard(), std::move(call), timeout_ms_, kReasonBytes);
  const Status queued = app_.workers.run([borrowed, reply, what = of.function.name().c_str()] {
    const InPlugin inside(what);
    borrowed->run(reply);
  });
  if (queued != Status::ok) parts_.replies.fail(reply, queued);
}

// By [plugin.limits]: as late as it would be, but nobody waits for that. Not inside the question.
void Vetoes::leave_out(Entry entry) {
  parts_.loop.post([this, entry = std::move(entry)] {
    end_late(entry.number);
    turns_.next(std::to_string(entry.number));
    turns_.release();
  });
}

void Vetoes::end(uint64_t number, Status status, const ReplyItems& items) {
  if (status == Status::ok) return answer(number, Verdict::allowed, {});
  if (status != Status::denied) return end_late(number);
  const ReplyItem* reason = find_item(items, FRESHET_APP_REASON);
  if (open_.contains(number)) parts_.metrics.refused.add();
  answer(number, Verdict::refused,
         reason == nullptr ? std::string_view() : as_text(Bytes(reason->bytes)));
}

// Nothing came, or what says neither yes nor no.
void Vetoes::end_late(uint64_t number) {
  if (open_.contains(number)) parts_.metrics.unanswered.add();
  answer(number, app_.allowed_when_late ? Verdict::allowed : Verdict::late, {});
}

void Vetoes::answer(uint64_t number, Verdict verdict, std::string_view reason) {
  const auto it = open_.find(number);
  if (it == open_.end()) return;  // it was late
  const Open open = std::move(it->second);
  open_.erase(it);
  bytes_ -= open.about->size_bytes();
  open.done(*open.about, verdict, reason);
}

void Vetoes::arm() {
  if (armed_ || open_.empty()) return;
  armed_ = true;
  const uint64_t now_ms = parts_.loop.now_ms(), first_ms = open_.begin()->second.deadline_ms;
  const uint64_t left_ms = first_ms > now_ms ? first_ms - now_ms : 1;
  parts_.loop.after(
      static_cast<uint32_t>(left_ms), [](void* self) { static_cast<Vetoes*>(self)->on_time(); },
      this);
}

void Vetoes::on_time() {
  const OnShard here(parts_.loop.shard());
  armed_ = false;
  const uint64_t now_ms = parts_.loop.now_ms();
  // What has not had its turn is not asked any more; it stays here until it is answered for.
  const std::vector<Entry> unasked = turns_.take_if([&](const Entry& entry) {
    const auto it = open_.find(entry.number);
    return it == open_.end() || it->second.deadline_ms <= now_ms;
  });
  while (!open_.empty() && open_.begin()->second.deadline_ms <= now_ms) {
    end_late(open_.begin()->first);
  }
  arm();
}

}  // namespace freshet
