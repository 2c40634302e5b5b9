#include "core/apps/procedure_calls.h"

#include "core/apps/limits.h"
#include "core/loop/plugin_call.h"
#include "core/store/document.h"

namespace freshet {

// One call of the app, with all it borrows. Lives until the app is done with it.
class ProcedureCalls::Call final : public PendingCall {
 public:
  Call(ProcedureCalls& owner, ProcedureCall called) : owner_(owner), called_(std::move(called)) {
    c_.size = sizeof(c_);
    c_.procedure = to_c(std::string_view(called_.procedure->name()));
    c_.room = to_c(std::string_view(called_.room));
    c_.session = called_.session;
    if (!called_.user.empty()) c_.user = to_c(std::string_view(called_.user));
    c_.unix_ms = called_.unix_ms;
    c_.input = to_c(as_bytes(called_.input));
    if (called_.procedure->wants_sessions()) c_.sessions = to_c(std::string_view(called_.sessions));
    if (!called_.procedure->wants_document()) return;
    c_.state = to_c(Bytes(called_.state));
    c_.ctx = this;
    c_.json = [](void* ctx, const freshet_sink* out) {
      return static_cast<freshet_status>(static_cast<Call*>(ctx)->write_json(*out));
    };
  }

  std::string about() const override {
    return "procedure \"" + called_.procedure->name() + "\" in room \"" + called_.room + "\"";
  }

  // On a worker of the app.
  void run(freshet_reply reply) {
    const std::string flaw = called_.procedure->flaw_of(called_.input);
    if (flaw.empty()) return app().call(app().self, &c_, reply);
    const freshet_item words{FRESHET_CALL_ERROR, 0, to_c(as_bytes(flaw))};
    reply.to->write(reply.to->ctx, reply.token, &words);
    reply.to->done(reply.to->ctx, reply.token, FRESHET_MALFORMED);
  }

  void late() override { answer(Status::retry, {}); }
  void done(Status status, ReplyItems items) override {
    answer(status, items);
    owner_.turns_.release();
  }

 private:
  const freshet_app& app() const { return owner_.app_.table; }

  Status write_json(const freshet_sink& out) const {
    const freshet_crdt& crdt = owner_.parts_.crdt;
    Document document(crdt);
    if (!document) return Status::retry;
    freshet_applied applied{};
    FRESHET_CHECK(document.load(FRESHET_UPDATE_V1, called_.state, applied));
    std::vector<uint8_t> json;
    FRESHET_CHECK(document.json(json));
    return Status{out.write(out.ctx, to_c(Bytes(json)))};
  }

  void answer(Status status, const ReplyItems& items) {
    if (std::exchange(answered_, true)) return;
    const bool failed = status == Status::retry || status == Status::internal;
    if (failed) owner_.parts_.metrics.failed.add();
    owner_.ended_(called_, status, items);
    owner_.turns_.next(called_.room);
  }

  ProcedureCalls& owner_;
  const ProcedureCall called_;
  freshet_call c_{};
  bool answered_ = false;
};

ProcedureCalls::ProcedureCalls(Application& app, const Notices::Parts& parts, Prepare prepare,
                               Ended ended)
    : app_(app),
      parts_(parts),
      prepare_(std::move(prepare)),
      ended_(std::move(ended)),
      turns_(kProceduresAtOnce,
             [this](const std::string&, Entry entry) { start(std::move(entry)); }) {}

Status ProcedureCalls::push(size_t bytes_of_session, ProcedureCall called) {
  const size_t bytes = called.size_bytes();
  const size_t limit = parts_.limit_bytes / kProcedureShare;
  // A first call is taken whatever its size: input is bounded.
  if (bytes_of_session != 0 && bytes_of_session + bytes > limit / kSessionShare)
    return Status::limit;
  if (turns_.bytes() != 0 && turns_.bytes() + bytes > limit) return Status::limit;
  const std::string room = called.room;
  turns_.push(room, {std::move(called), parts_.loop.now_ms()}, bytes);
  return Status::ok;
}

void ProcedureCalls::start(Entry entry) {
  const bool ready = prepare_(entry.called);
  auto call = std::make_unique<Call>(*this, std::move(entry.called));
  Call* borrowed = call.get();
  if (!ready || !app_.call.admits()) {
    return parts_.loop.post([call = std::move(call)]() mutable { call->done(Status::retry, {}); });
  }
  const freshet_reply reply = parts_.replies.expect(
      app_.call, parts_.loop.shard(), std::move(call),
      app_.call.deadline_ms(parts_.limits.app_deadline_ms), kProcedureAnswerBytes);
  const Status queued = app_.workers.run([borrowed, reply, called = &app_.call] {
    call_plugin(*called, reply, [&] { borrowed->run(reply); });
  });
  if (queued != Status::ok) parts_.replies.fail(reply, queued);
}

// Those whose turn does not come.
void ProcedureCalls::tick(uint64_t now_ms) {
  const std::vector<Entry> overdue = turns_.take_if(
      [&](const Entry& entry) { return now_ms - entry.since_ms >= parts_.limits.app_deadline_ms; });
  for (const Entry& entry : overdue) ended_(entry.called, Status::retry, {});
}

}  // namespace freshet
