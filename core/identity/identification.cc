#include "core/identity/identification.h"

#include <utility>

#include "core/identity/limits.h"
#include "core/loop/plugin_call.h"
#include "core/request/request_copy.h"

namespace freshet {
namespace {

// An identify call, with what it borrows.
class IdentifyCall final : public SimpleCall {
 public:
  IdentifyCall(const freshet_request& request, std::string_view room, freshet_str token,
               uint64_t unix_ms, Done done)
      : SimpleCall(std::move(done), "room \"" + std::string(room) + "\""),
        request_(request),
        room_(room),
        token_(view(token)) {
    c_.size = sizeof(c_);
    if (token.data != nullptr) c_.token = to_c(std::string_view(token_));
    c_.request = &request_.c();
    c_.room = to_c(std::string_view(room_));
    c_.unix_ms = unix_ms;
  }
  const freshet_auth_request& c() const { return c_; }

 private:
  const RequestCopy request_;
  const std::string room_, token_;
  freshet_auth_request c_{};
};

// Empty: all of it makes sense.
std::string_view read(const ReplyItems& items, Identification::Answer& answer) {
  for (const ReplyItem& item : items) {
    if (item.kind == FRESHET_AUTH_USER && !answer.identity.set_user(as_text(item.bytes))) {
      return "a user that is no JSON object";
    }
    if (item.kind == FRESHET_AUTH_PERMISSION) {
      if (item.number > FRESHET_READ_WRITE) return "a permission that there is not";
      answer.identity.permission = static_cast<uint32_t>(item.number);
    }
    if (item.kind == FRESHET_AUTH_EXPIRES) answer.identity.expires_unix_ms = item.number;
    if (item.kind == FRESHET_AUTH_SUBPROTOCOL) answer.carrier = as_text(item.bytes);
  }
  return "";
}

}  // namespace

std::string_view Identification::nonsense_in(const ReplyItems& items) {
  Answer answer{Status::ok, {}, ""};
  return read(items, answer);
}

// Nobody can say who somebody is. Who is let in all the same is nobody.
Identification::Answer Identification::while_left_alone() const {
  Answer answer{Status::ok, Identity{.user = "", .permission = FRESHET_READ_ONLY}, ""};
  switch (services_.auth.limits.while_open) {
    case PluginLimits::WhileOpen::refuse: answer.status = Status::retry; break;
    case PluginLimits::WhileOpen::read: break;
    case PluginLimits::WhileOpen::read_write:
      answer.identity.permission = FRESHET_READ_WRITE;
      break;
  }
  return answer;
}

void Identification::ask(const Loop& here, const freshet_request& request, std::string_view room,
                         freshet_str token, Done done) {
  if (!asks()) {
    return here.post([done = std::move(done)] { done({Status::ok, Identity{}, ""}); });
  }
  if (!identify_->admits()) {
    return here.post([done = std::move(done), answer = while_left_alone()] { done(answer); });
  }
  const freshet_auth* auth = services_.auth.table;
  auto call = std::make_unique<IdentifyCall>(
      request, room, token, here.unix_ms(),
      [done = std::move(done)](Status status, const ReplyItems& items) {
        Answer answer{status, Identity{.user = "", .permission = FRESHET_READ_ONLY}, ""};
        if (status == Status::ok) static_cast<void>(read(items, answer));
        done(std::move(answer));
      });
  const freshet_auth_request* borrowed = &call->c();
  const freshet_reply reply =
      replies_.expect(*identify_, here.shard(), std::move(call),
                      identify_->deadline_ms(limits_.auth_deadline_ms), kAuthAnswerBytes);
  const Status queued = workers_.run([auth, borrowed, reply, of = &*identify_] {
    call_plugin(*of, reply, [&] { auth->identify(auth->self, borrowed, reply); });
  });
  if (queued != Status::ok) replies_.fail(reply, queued);
}

}  // namespace freshet
