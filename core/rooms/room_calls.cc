// Procedures: what members call, and what comes of it.
#include <algorithm>

#include "core/rooms/room.h"
#include "freshet/json.h"
#include "freshet/utf8.h"

namespace freshet {
namespace {

constexpr size_t kCallsAtOnce = 100;  // of one session
constexpr size_t kMaxInputBytes = size_t{1} << 20;
constexpr unsigned kMaxDepth = 64;  // of what procedures send
constexpr uint64_t kNoteAgainMs = 10'000;

bool is_value(Bytes json) { return valid_utf8(json) && is_json(as_text(json), kMaxDepth); }

// What stands between the brackets of a list.
std::optional<std::string_view> inside_list(Bytes json) {
  const std::string_view text = as_text(json);
  if (!is_value(json)) return std::nullopt;
  const size_t begin = text.find_first_not_of(" \t\r\n");
  if (text[begin] != '[') return std::nullopt;
  return text.substr(begin + 1, text.rfind(']') - begin - 1);
}

// All operations of an answer as one list; nothing if one of them is none.
std::optional<std::string> edits_of(const ReplyItems& items) {
  std::string list;
  for (const ReplyItem& item : items) {
    if (item.kind != FRESHET_CALL_EDIT) continue;
    const auto operations = inside_list(item.bytes);
    if (!operations) return std::nullopt;
    if (operations->find_first_not_of(" \t\r\n") == std::string_view::npos) continue;
    list += list.empty() ? '[' : ',';
    list += *operations;
  }
  return list.empty() ? list : list + ']';
}

// Empty: all of it may be done. Names what is wrong, for the log.
std::string flaw_of(const ReplyItems& items) {
  bool named = false;
  for (const ReplyItem& item : items) {
    switch (item.kind) {
      case FRESHET_CALL_EVENT:
        if (!is_event_name(as_text(item.bytes))) return "an event without a proper name";
        named = true;
        break;
      case FRESHET_CALL_BROADCAST:
      case FRESHET_CALL_SELF:
        if (!named) return "an event without a name";
        if (!is_value(item.bytes)) return "an event that is not JSON";
        break;
      case FRESHET_CALL_SHOW:
        if (!is_value(item.bytes)) return "presence that is not JSON";
        break;
      case FRESHET_CALL_EDIT:
        if (!inside_list(item.bytes)) return "operations that are no JSON list";
        break;
      case FRESHET_CALL_EVICT:
        if (item.number == 0) return "nobody to send away";
        break;
      default: break;
    }
  }
  return "";
}

std::string words_for(const ReplyItems& items, Status status) {
  const ReplyItem* words = find_item(items, FRESHET_CALL_ERROR);
  if (words != nullptr && valid_utf8(words->bytes)) return std::string(as_text(words->bytes));
  switch (status) {
    case Status::retry: return "The server did not answer in time.";
    case Status::limit: return "The server has too much to do.";
    case Status::too_large: return "This is larger than the server takes.";
    default: return "The server failed to answer.";
  }
}

}  // namespace

// REQUIRES: the room is live.
void Room::call(Member& from, const Procedures::One& procedure, Bytes input, uint64_t ticket) {
  Status status = Status::ok;
  if (input.size() > kMaxInputBytes) status = Status::too_large;
  if (from.calls >= kCallsAtOnce) status = Status::limit;
  if (status == Status::ok) {
    status = services_.apps.call(from.call_bytes, {.procedure = &procedure,
                                                   .room = name_,
                                                   .from = from.spec.id,
                                                   .session = from.spec.client,
                                                   .user = from.spec.user,
                                                   .unix_ms = services_.loop.unix_ms(),
                                                   .input = std::string(as_text(input)),
                                                   .ticket = ticket});
  }
  if (status != Status::ok) {
    return refusals_.say(from, status,
                         {FRESHET_REFUSED_EVENT, ticket, procedure.name(), words_for({}, status)});
  }
  ++from.calls;
  from.call_bytes += input.size();
  ++calls_;
}

bool Room::prepare_call(ProcedureCall& called) {
  if (state_ != State::live && state_ != State::busy) return false;
  if (called.procedure->wants_sessions()) called.sessions = sessions_json();
  return !called.procedure->wants_document() || encode(called.state);
}

std::string Room::sessions_json() const {
  std::unordered_map<MemberId, std::string_view> shown;
  for (const PresenceNews& news : presence_.all()) shown[news.from] = view(news.json);
  std::string out = "[";
  for (const Member* member : members_.all()) {
    if (!member->in || member->closing) continue;
    if (out.size() > 1) out += ',';
    out += R"({"session":)" + std::to_string(member->spec.client) + R"(,"user":)";
    out += member->spec.user.empty() ? "null" : member->spec.user;
    out += R"(,"presence":)";
    const auto json = shown.find(member->spec.id);
    out += json == shown.end() ? std::string_view("null") : json->second;
    out += '}';
  }
  return out + ']';
}

void Room::end_call(const ProcedureCall& called, Status status, const ReplyItems& items) {
  if (state_ == State::busy) {
    ProcedureCall kept = called;
    kept.state = {};  // what it was given
    waiting_.push_back({EndedCall{std::move(kept), status, items}, 0});
    return;
  }
  if (calls_ > 0) --calls_;
  Member* from = members_.find(called.from);
  if (from != nullptr) {
    --from->calls;
    from->call_bytes -= called.input.size();
  }
  if (state_ != State::live) return;  // its members are being sent away
  if (status == Status::ok) {
    const std::string flaw = flaw_of(items);
    const bool quiet = services_.now_ms < note_answer_not_before_ms_;
    if (!flaw.empty() && !quiet) {
      note_answer_not_before_ms_ = services_.now_ms + kNoteAgainMs;
      services_.log.error("room", "procedure " + called.procedure->name() + " of " +
                                      called.procedure->app().plugin + " answered with " + flaw);
    }
    if (!flaw.empty()) status = Status::internal;
  }
  if (status == Status::ok)
    status = edit({called.session, to_c(std::string_view(called.user)), 0}, *edits_of(items));
  if (status == Status::ok) return act_on(called, items);
  if (from == nullptr) return;
  refusals_.say(
      *from, status,
      {FRESHET_REFUSED_EVENT, called.ticket, called.procedure->name(), words_for(items, status)});
}

// As one transaction, journaled and passed on like anybody's.
Status Room::edit(const freshet_source& by, const std::string& operations) {
  if (operations.empty()) return Status::ok;
  const bool much =
      services_.journal.unsaved_bytes() + audience_.held_bytes() > services_.unsaved_limit_bytes;
  if (residence_.full() || much) return Status::limit;
  if (own_client_ == 0) {
    const auto& platform = services_.loop.platform();
    platform.random(platform.self, reinterpret_cast<uint8_t*>(&own_client_), sizeof(own_client_));
  }
  Result<std::vector<uint8_t>> update = residence_.edit(own_client_, as_bytes(operations));
  give_up_if_broken();
  FRESHET_CHECK(update.status());
  if (update->empty()) return Status::ok;
  freshet_applied applied{};
  applied.authors = FRESHET_AUTHORS_ONE;
  applied.author = own_client_;
  take(nullptr, by, *update, 0, applied);
  return Status::ok;
}

// REQUIRES: nothing is wrong with the items.
void Room::act_on(const ProcedureCall& called, const ReplyItems& items) {
  freshet_delivery event{};
  event.kind = FRESHET_EVENT;
  event.from = {called.session, to_c(std::string_view(called.user)), 0};
  for (const ReplyItem& item : items) {
    Member* from = members_.find(called.from);
    switch (item.kind) {
      case FRESHET_CALL_EVENT: event.event = to_c(as_text(item.bytes)); break;
      case FRESHET_CALL_BROADCAST:
        event.bytes = to_c(Bytes(item.bytes));
        audience_.send_event(event);
        break;
      case FRESHET_CALL_SELF:
        event.bytes = to_c(Bytes(item.bytes));
        if (from != nullptr && (from->wants & FRESHET_WANT_EVENTS) != 0)
          audience_.send(*from, event);
        break;
      case FRESHET_CALL_SHOW:
        if (from != nullptr) serve(*from, Submission::Show{item.bytes});
        break;
      case FRESHET_CALL_EVICT: members_.evict(item.number); break;
      default: break;
    }
  }
}

}  // namespace freshet
