#include "core/audience/refusals.h"

#include <algorithm>

#include "core/audience/limits.h"
#include "core/report/printable.h"
#include "freshet/abi/close.h"
#include "freshet/format/utf8.h"

namespace freshet {
namespace {

// The same is said in the log once in this time.
constexpr uint64_t kNoteAgainMs = 60'000;

// Of a user's id, in the log.
constexpr size_t kShownUserBytes = 100;

// Whole letters of what an app says; empty: it is no text.
std::string shown(std::string_view reason) {
  if (!valid_utf8(as_bytes(reason))) return {};
  size_t end = std::min(reason.size(), kMaxReasonBytes);
  const auto goes_on = [&] { return (static_cast<uint8_t>(reason[end]) & 0xc0) == 0x80; };
  while (end > 0 && end < reason.size() && goes_on()) --end;
  return std::string(reason.substr(0, end));
}

}  // namespace

void Refusals::say(Member& to, Status why, const What& what) {
  if (!to.in) return;
  freshet_delivery refused{};
  refused.kind = FRESHET_REFUSED;
  refused.refused = what.what;
  refused.ticket = what.ticket;
  refused.event = to_c(what.event);
  refused.status = static_cast<freshet_status>(why);
  refused.bytes = to_c(as_bytes(what.words));
  audience_.send(to, refused);
}

void Refusals::drop_update(Member& from, uint64_t ticket, Status why) {
  services_.metrics.refused.add();
  from.left_out = true;
  if (why == Status::limit) note_full();
  // Whoever counts its updates hears of each; all others once, until one is taken.
  const bool counts =
      from.spec.wire->traits.saved == FRESHET_SAVED_NOTE && (from.wants & FRESHET_WANT_SAVED) != 0;
  if (!from.in || (!counts && from.told_refused == why)) return;
  from.told_refused = why;
  say(from, why, {.what = FRESHET_REFUSED_UPDATE, .ticket = ticket});
}

void Refusals::refuse_update(Member& from, uint64_t ticket, Status why) {
  if (why == Status::limit) return drop_update(from, ticket, why);
  reject_update(from, why, ticket);
}

void Refusals::note_full() {
  if (services_.now_ms < note_full_not_before_ms_) return;
  note_full_not_before_ms_ = services_.now_ms + kNoteAgainMs;
  services_.log.warn("room", "room \"" + room_ +
                                 "\" is full: its edits are refused; limits.document_bytes bounds "
                                 "it, or one of the engine's own limits");
}

void Refusals::reject(Member& from, Status why) {
  switch (why) {
    case Status::malformed:
      services_.metrics.malformed.add();
      return from.close(FRESHET_CLOSE_MALFORMED, "what was asked does not decode");
    case Status::retry:
      services_.metrics.refused.add();
      services_.shortages.note_memory(services_.now_ms);
      return from.close(FRESHET_CLOSE_OVERLOADED, "the server has no memory for this now",
                        Ends::connection);
    case Status::internal: return;
    default:
      services_.log.error("room", "the engine failed on what a session of room \"" + room_ +
                                      "\" sent: " + std::string(name_of(why)));
      return from.close(FRESHET_CLOSE_INTERNAL, "internal error");
  }
}

void Refusals::reject_update(Member& from, Status why, uint64_t ticket) {
  What update{.what = FRESHET_REFUSED_UPDATE, .ticket = ticket};
  switch (why) {
    case Status::malformed:
      services_.metrics.malformed.add();
      say(from, Status::malformed, update);
      return from.close(FRESHET_CLOSE_MALFORMED, "the update does not decode");
    case Status::too_large:
      services_.metrics.refused.add();
      say(from, Status::too_large, update);
      return from.close(FRESHET_CLOSE_TOO_LARGE, "the update is too large");
    case Status::limit:
      services_.metrics.refused.add();
      update.words = "Too much is waiting to be saved.";
      say(from, Status::limit, update);
      return from.close(FRESHET_CLOSE_OVERLOADED, "too much is waiting to be saved");
    default: return reject(from, why);
  }
}

void Refusals::veto(Member& from, const Intent& about, Verdict verdict, std::string_view reason) {
  if (verdict == Verdict::late) {
    // Nothing is wrong with it: who comes back brings it again.
    return from.close(FRESHET_CLOSE_OVERLOADED, "an app did not say in time whether it may be");
  }
  std::string words = shown(reason);
  if (words.empty()) words = "refused by an app";
  if (about.what == FRESHET_VETO_JOIN) return from.close(FRESHET_CLOSE_DENIED, words);
  services_.metrics.refused.add();
  say(from, Status::denied,
      {.what = FRESHET_REFUSED_UPDATE, .ticket = about.ticket, .words = words});
  from.close(FRESHET_CLOSE_REPLACED, words);
}

void Refusals::reject_work(Member& from, Status why) {
  if (why != Status::limit) return reject(from, why);
  services_.metrics.refused.add();
  from.close(FRESHET_CLOSE_OVERLOADED, "the server has too much to do for this now");
}

void Refusals::reject_oversized(Member& from, uint64_t ticket, size_t bytes) {
  const std::string what = "an update of " + std::to_string(bytes) +
                           " bytes, and limits.update_bytes is " +
                           std::to_string(services_.limits.update_bytes);
  services_.metrics.refused.add();
  services_.oversized.note(room_, what, services_.now_ms);
  const std::string words = "This is too large: " + what + ".";
  say(from, Status::too_large, {.what = FRESHET_REFUSED_UPDATE, .ticket = ticket, .words = words});
  from.close(FRESHET_CLOSE_TOO_LARGE, "the update is too large");
}

// It may hit the innocent of the two, so it is told to come back: anew, if it is a page that its
// user loads again.
void Refusals::note_contradiction(Member* from, const freshet_applied& applied) {
  if (applied.contradicts == 0) return;
  services_.metrics.contradicting.add();
  std::string what = std::to_string(applied.twin);
  if (from != nullptr && !from->spec.user_id.empty()) {
    const std::string_view user = from->spec.user_id;
    what += ", the later by user \"" + printable(user.substr(0, kShownUserBytes)) + '"';
  }
  services_.contradicted.note(room_, what + "; load both pages anew", services_.now_ms);
  if (from == nullptr) return;
  const size_t most = services_.limits.contradictions_per_session;
  if (++from->contradictions < most || most == 0) return;
  from->close(FRESHET_CLOSE_OVERLOADED, "another copy of this document writes as client " +
                                            std::to_string(applied.twin) + ": load it anew");
}

}  // namespace freshet
