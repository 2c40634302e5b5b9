#include "core/rooms/calls.h"

#include <unordered_map>
#include <utility>

#include "core/rooms/limits.h"
#include "core/rooms/procedure_answer.h"

namespace freshet {
namespace {

constexpr uint64_t kNoteCallsAgainMs = 10'000;

// To a JSON array that has been begun. `user`, `presence`: JSON; empty: none.
void add_session(std::string& out, uint64_t session, std::string_view user,
                 std::string_view presence) {
  const auto or_null = [](std::string_view json) { return json.empty() ? "null" : json; };
  if (out.size() > 1) out += ',';
  out += R"({"session":)" + std::to_string(session) + R"(,"user":)";
  out += or_null(user);
  out += R"(,"presence":)";
  out += or_null(presence);
  out += '}';
}

}  // namespace

void Calls::submit(Member& from, const Submission::Event& s) {
  if (!from.may_write) {
    return refusals_.say(from, Status::denied,
                         {.what = FRESHET_REFUSED_EVENT, .ticket = s.ticket, .event = s.name});
  }
  apps_.tell_message(FRESHET_MESSAGE_EVENT, source_of(from.spec), s.name, s.data);
  if (const Procedures::One* procedure = services_.apps.procedure(s.name); procedure != nullptr) {
    const Status status = begin(from, *procedure, s);
    if (status == Status::ok) return;
    return refusals_.say(from, status,
                         {FRESHET_REFUSED_EVENT, s.ticket, s.name, words_for({}, status)});
  }
  freshet_delivery delivery{};
  delivery.kind = FRESHET_EVENT;
  delivery.event = to_c(s.name);
  delivery.bytes = to_c(s.data);
  delivery.from = source_of(from.spec);
  broadcast(delivery);
}

void Calls::broadcast(const freshet_delivery& event) {
  audience_.send_event(event);
  if (others_ != nullptr) others_->say_event(bus::event_of(event));
}

Status Calls::begin(Member& from, const Procedures::One& procedure, const Submission::Event& s) {
  if (from.calls >= kMaxCallsAtOnce) return Status::limit;
  if (s.data.size() > kMaxCallInputBytes) return Status::too_large;
  FRESHET_CHECK(services_.apps.call(from.call_bytes, {.procedure = &procedure,
                                                      .room = room_,
                                                      .from = from.spec.id,
                                                      .session = from.spec.client,
                                                      .user = from.spec.user,
                                                      .user_id = from.spec.user_id,
                                                      .unix_ms = services_.loop.unix_ms(),
                                                      .input = std::string(as_text(s.data)),
                                                      .ticket = s.ticket}));
  ++from.calls;
  from.call_bytes += s.data.size();
  ++under_way_;
  return Status::ok;
}

std::string Calls::sessions_json() const {
  const std::vector<PresenceNews> everybody = people_.all();
  std::unordered_map<MemberId, std::string_view> shown;
  for (const PresenceNews& news : everybody) shown[news.from] = view(news.json);
  std::string out = "[";
  for (const Member* member : members_.all()) {
    if (!member->reachable()) continue;
    const auto json = shown.find(member->spec.id);
    add_session(out, member->spec.client, member->spec.user,
                json == shown.end() ? std::string_view() : json->second);
  }
  for (const PresenceNews& news : everybody) {
    if (!Elsewhere::is(news.from)) continue;
    add_session(out, news.client, members_.user_of(news.from), view(news.json));
  }
  return out + ']';
}

void Calls::end(const ProcedureCall& call) {
  if (under_way_ > 0) --under_way_;
  Member* from = members_.find(call.from);
  if (from == nullptr) return;
  --from->calls;
  from->call_bytes -= call.input.size();
}

void Calls::answer(const ProcedureCall& call, Status status, const ReplyItems& items) {
  if (status == Status::ok) {
    const std::string flaw = flaw_of(items);
    if (!flaw.empty()) note_flaw(call, flaw);
    status = flaw.empty() ? perform(call, items) : Status::internal;
  }
  Member* from = members_.find(call.from);
  if (status == Status::ok || from == nullptr) return;
  refusals_.say(
      *from, status,
      {FRESHET_REFUSED_EVENT, call.ticket, call.procedure->name(), words_for(items, status)});
}

void Calls::note_flaw(const ProcedureCall& call, std::string_view flaw) {
  if (services_.now_ms < note_flaw_not_before_ms_) return;
  note_flaw_not_before_ms_ = services_.now_ms + kNoteCallsAgainMs;
  services_.log.error("room", "procedure " + call.procedure->name() + " of " +
                                  call.procedure->app().plugin + " answered with " +
                                  std::string(flaw));
}

// The edits first: if they are not taken, none of the rest is done. REQUIRES: nothing is wrong with
// the items.
Status Calls::perform(const ProcedureCall& call, const ReplyItems& items) {
  const freshet_source caller{call.session, to_c(std::string_view(call.user)), 0};
  const Status edited = desk_.edit({caller, call.user_id}, *edits_of(items));
  // The document is broken: everybody is sent away, and the caller is told no more than that.
  if (edited == Status::internal) return Status::ok;
  FRESHET_CHECK(edited);
  freshet_delivery event{};
  event.kind = FRESHET_EVENT;
  event.from = caller;
  for (const ReplyItem& item : items) {
    Member* from = members_.find(call.from);
    switch (item.kind) {
      case FRESHET_CALL_EVENT: event.event = to_c(as_text(item.bytes)); break;
      case FRESHET_CALL_BROADCAST:
        event.bytes = to_c(Bytes(item.bytes));
        broadcast(event);
        break;
      case FRESHET_CALL_SELF:
        event.bytes = to_c(Bytes(item.bytes));
        if (from != nullptr && (from->wants & FRESHET_WANT_EVENTS) != 0)
          audience_.send_event_to(*from, event);
        break;
      case FRESHET_CALL_SHOW:
        if (from != nullptr) people_.show(*from, item.bytes);
        break;
      case FRESHET_CALL_EVICT:
        audience_.evict(item.number);
        if (others_ != nullptr) others_->say(bus::Evict{item.number});
        break;
      default: break;
    }
  }
  return Status::ok;
}

}  // namespace freshet
