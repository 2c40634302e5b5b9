#include "core/rooms/room.h"

#include <algorithm>
#include <functional>

#include "core/report/printable.h"
#include "core/residence/long_update.h"
#include "core/rooms/cases.h"
#include "core/store/epoch.h"
#include "freshet/abi/close.h"

namespace freshet {
namespace {

// A room that could not be loaded says so to whoever asks within this time, and is then tried
// again.
constexpr uint64_t kFailedMs = 2'000;

// A full room says so in the log once in this time.
constexpr uint64_t kNoteFullAgainMs = 60'000;

// Of a user's id, in the log.
constexpr size_t kShownUserBytes = 100;

// From this on a diff is known by its print after its bytes are let go.
constexpr size_t kPrintedBytes = size_t{1} << 20;

uint64_t print_of(Bytes bytes) { return std::hash<std::string_view>{}(as_text(bytes)); }

}  // namespace

Room::Room(RoomServices& services, std::string name)
    : services_(services),
      name_(std::move(name)),
      residence_(services, *this),
      quiet_since_ms_(services.now_ms),
      presence_(services.limits),
      apps_(services, name_),
      waiting_share_(&services.budget) {
  services_.metrics.loaded.add();
  residence_.load();
}

Room::~Room() { services_.metrics.loaded.add(-1); }

bool Room::encode(std::vector<uint8_t>& out) {
  if (residence_.away()) apps_.note_asked_early();  // the store may not have all of it yet
  const Document* document = residence_.document();
  return document != nullptr && apps_.encode(*document, residence_.version(), out);
}

void Room::say_deleted() {
  apps_.tell_deleted([this](std::vector<uint8_t>& out) { return encode(out); });
}

Member* Room::find(MemberId id) {
  const auto it = members_.find(id);
  return it == members_.end() || it->second->closing ? nullptr : it->second.get();
}

void Room::refuse(Member& member, uint16_t code, std::string_view reason) {
  if (member.closing) return;
  member.closing = true;
  member.outlet->close(code, reason);
}

// ---- coming and going

void Room::join(std::unique_ptr<Member> joining) {
  Member& member = *joining;
  present_.push_back(&member);
  members_.emplace(member.spec.id, std::move(joining));
  services_.metrics.sessions.add();
  if (members_.size() > services_.limits.sessions_per_room) {
    return refuse(member, FRESHET_CLOSE_OVERLOADED, "the room is full");
  }
  switch (state_) {
    case State::loading:
    case State::busy: return;
    case State::live: return admit(member);
    case State::asleep: return touch();
    case State::failed:
      if (services_.now_ms - failed_ms_ < kFailedMs) {
        return refuse(member, FRESHET_CLOSE_CANNOT_LOAD, "the room cannot be loaded now");
      }
      // Tried again here, not by a new room: with many clients coming back, nobody being here is a
      // moment that may never come.
      return begin();
    case State::closing: return refuse(member, FRESHET_CLOSE_OVERLOADED, "the room is closing");
  }
}

void Room::admit(Member& member) {
  if (!member.spec.epoch.empty() && member.spec.epoch != hex(residence_.epoch())) {
    return refuse(member, FRESHET_CLOSE_REPLACED, "the room's history was replaced");
  }
  if (!residence_.saved() && services_.journal.failing()) {
    return refuse(member, FRESHET_CLOSE_OVERLOADED, "the store takes no updates now");
  }
  member.in = true;
  touch();
  freshet_delivery joined{};
  joined.kind = FRESHET_JOINED;
  joined.bytes = to_c(Bytes(residence_.state_vector()));
  joined.from = {member.spec.client, to_c(std::string_view(member.spec.user)), 0};
  joined.document = residence_.has_content() ? FRESHET_DOCUMENT_KEPT : FRESHET_DOCUMENT_EMPTY;
  const std::string_view shown = people_.shown(member.spec.wire->index, member.spec.user_id);
  if (!shown.empty()) joined.shown = to_c(shown);
  const uint64_t changed_ms = people_.changed_unix_ms(member.spec.wire->index, member.spec.user_id);
  joined.changed_ms = &changed_ms;
  send_one(member, joined);
  if ((member.wants & FRESHET_WANT_PRESENCE) != 0) send_presence(member, presence_.all(), true);
  apps_.tell_joined(member);
}

void Room::leave(MemberId id) {
  const auto it = members_.find(id);
  if (it == members_.end()) return;
  if (it->second->in) apps_.tell_left(*it->second);
  std::erase(present_, it->second.get());
  const MemberSpec& spec = it->second->spec;
  people_.leave(spec.wire->index, spec.user_id, id, services_.now_ms);
  fan_out_presence(presence_.leave(id), nullptr);
  members_.erase(it);
  services_.metrics.sessions.add(-1);
  if (members_.empty()) quiet_since_ms_ = services_.now_ms;
}

void Room::close(uint16_t code, std::string_view reason) {
  if (state_ == State::busy) set_busy(false);
  if (state_ != State::loading) {
    state_ = State::closing;
    end_waiting(Status::retry);
  }
  for (Member* member : present_) refuse(*member, code, reason);
}

// Not to be gone on with: what is in memory is not what the store will have.
void Room::give_up(std::string_view why) {
  close(FRESHET_CLOSE_INTERNAL, "internal error");
  services_.log.error(
      "room",
      "room \"" + name_ + "\" is closed, to be read again from the store: " + std::string(why));
}

bool Room::spent(uint64_t now_ms) const {
  if (!quiet()) return false;
  const bool lingers = state_ == State::live && !services_.budget.tight();
  const uint64_t linger = state_ == State::failed ? kFailedMs
                          : lingers               ? services_.limits.linger_ms
                                                  : 0;
  return now_ms - quiet_since_ms_ >= linger;
}

void Room::give_up_if_broken() {
  if (!residence_.broken() || state_ == State::closing) return;
  give_up("the engine failed in the middle of a change");
}

// ---- while loading

void Room::begin() {
  state_ = State::loading;
  residence_.load();
}

void Room::on_loaded(Status status) {
  guarded([&] {
    quiet_since_ms_ = services_.now_ms;
    if (status != Status::ok) return fail(status);
    state_ = State::live;
    serve();
  });
}

void Room::fail(Status status) {
  state_ = State::failed;
  failed_ms_ = services_.now_ms;
  services_.metrics.loads_failed.add();
  services_.log.error("room", "room \"" + name_ + "\" cannot be loaded: " +
                                  std::string(name_of(status)) + "; its clients are told to retry");
  if (status == Status::limit) note_budget();
  end_waiting(Status::retry);
  for (Member* member : present_) {
    refuse(*member, FRESHET_CLOSE_CANNOT_LOAD, "the room cannot be loaded now");
  }
}

// Somebody needs the document: if the room is asleep it is loading after this, with its members in.
void Room::touch() {
  residence_.touch();
  if (state_ == State::asleep) begin();
}

// A slow reader is caught up from the document, so one that lags keeps the room awake.
bool Room::may_sleep() const {
  if (state_ != State::live || !residence_.may_let_go() || !held_.empty() || calls_ != 0) {
    return false;
  }
  return std::ranges::none_of(present_, [](const Member* member) { return member->lagging; });
}

// ---- what members submit

void Room::submit(const Submission& submission) {
  Member* from = find(submission.from);
  if (from == nullptr) return;
  const auto* update = std::get_if<Submission::Update>(&submission.what);
  if (update != nullptr && answered_at_once(*from, *update)) return;
  if (needs_document(*from, submission.what)) touch();
  if (waits()) return wait(*from, submission);
  if (state_ != State::live && state_ != State::asleep) return;
  std::visit([&](const auto& what) { serve(*from, what); }, submission.what);
  give_up_if_broken();
}

bool Room::needs_document(const Member& from, const Submission::What& what) const {
  return std::visit(
      Cases{[](const Submission::Update&) { return true; },
            [](const Submission::DiffQuery&) { return true; },
            [](const Submission::Open&) { return true; },
            [&](const Submission::Follow& s) {
              return (s.wants & ~from.wants & FRESHET_WANT_UPDATES) != 0;
            },
            [&](const Submission::Event& s) { return services_.apps.procedure(s.name) != nullptr; },
            [](const auto&) { return false; }},
      what);
}

// What can be said of an update without its going in.
bool Room::answered_at_once(Member& from, const Submission::Update& update) {
  const bool known =
      state_ == State::live && from.spec.may_write && was_just_given(update.format, update.bytes);
  if (!known) return !may_take(from, update.bytes, update.ticket);
  touch();
  services_.metrics.duplicates.add();
  encodings_.clear();
  acknowledge(from, update.bytes, update.ticket);
  return true;
}

void Room::serve(Member& from, const Submission::Update& s) {
  if (too_long(s.bytes)) {
    LongUpdate work{.kind = LongUpdate::Kind::update, .format = s.format, .ticket = s.ticket};
    return work_elsewhere(from, std::move(work), s.bytes);
  }
  freshet_applied applied{};
  const Result<Bytes> bytes = residence_.apply(s.format, s.bytes, applied);
  if (!bytes) return refuse_update(from, s.ticket, bytes.status());
  if (applied.changed == 0) return take_known(&from, *bytes, s.ticket, applied);
  take(&from, source_of(from.spec), *bytes, s.ticket, applied);
}

// Whether these are the bytes of the last diff, which the document has by definition, however many
// they are. Clients that upload their whole state when they have built it send what they were given
// a moment ago, and comparing costs a fiftieth of decoding. A large one takes long to come back, so
// that by then it is known by its print alone.
bool Room::was_just_given(uint32_t format, Bytes update) const {
  if (format != FRESHET_UPDATE_V1 || update.empty()) return false;
  if (as_text(update) == as_text(shared_diff_.update)) return true;
  return update.size() == given_bytes_ && print_of(update) == given_print_;
}

void Room::forget_diff() {
  if (shared_diff_.update.size() >= kPrintedBytes) {
    given_bytes_ = shared_diff_.update.size();
    given_print_ = print_of(shared_diff_.update);
  }
  shared_diff_ = {};
}

// Whether the member may write this much now; if not, it has been told.
bool Room::may_take(Member& from, Bytes update, uint64_t ticket) {
  if (!from.spec.may_write) {
    drop_update(from, ticket, FRESHET_DENIED);
    return false;
  }
  if (update.size() > services_.limits.update_bytes) {
    reject_oversized(from, ticket, update.size());
    return false;
  }
  if (residence_.full() || from.left_out) {
    drop_update(from, ticket, FRESHET_LIMIT);
    return false;
  }
  if (services_.journal.unsaved_bytes() + held_bytes_ > services_.unsaved_limit_bytes) {
    reject(from, Status::limit, ticket);
    return false;
  }
  return true;
}

// An update that is not taken although nothing is wrong with it: the session stays, and reads on.
void Room::drop_update(Member& from, uint64_t ticket, freshet_status why) {
  services_.metrics.refused.add();
  from.left_out = true;
  if (why == FRESHET_LIMIT) note_full();
  // Whoever counts its updates hears of each; all others once, until one is taken.
  const bool counts =
      from.spec.wire->traits.saved == FRESHET_SAVED_NOTE && (from.wants & FRESHET_WANT_SAVED) != 0;
  if (!from.in || (!counts && from.told_refused == why)) return;
  from.told_refused = why;
  say_refused(from, why, {.what = FRESHET_REFUSED_UPDATE, .ticket = ticket});
}

void Room::refuse_update(Member& from, uint64_t ticket, Status why) {
  why == Status::limit ? drop_update(from, ticket, FRESHET_LIMIT) : reject(from, why, ticket);
}

void Room::note_full() {
  if (services_.now_ms < note_full_not_before_ms_) return;
  note_full_not_before_ms_ = services_.now_ms + kNoteFullAgainMs;
  services_.log.warn("room", "room \"" + name_ +
                                 "\" is full: its edits are refused; limits.document_bytes bounds "
                                 "it, or one of the engine's own limits");
}

void Room::note_budget() {
  if (services_.now_ms < services_.note_budget_not_before_ms) return;
  services_.note_budget_not_before_ms = services_.now_ms + kNoteFullAgainMs;
  services_.log.warn("room",
                     "there is no memory for more: edits and rooms are refused for now; "
                     "limits.documents_bytes bounds what all documents take together, and "
                     "freshet_documents_bytes shows what they do");
}

// An update after which the session cannot go on.
void Room::reject(Member& from, Status status, uint64_t ticket) {
  Refused update{.what = FRESHET_REFUSED_UPDATE, .ticket = ticket};
  switch (status) {
    case Status::malformed:
      services_.metrics.malformed.add();
      say_refused(from, FRESHET_MALFORMED, update);
      return refuse(from, FRESHET_CLOSE_MALFORMED, "the update does not decode");
    case Status::too_large:
      services_.metrics.refused.add();
      say_refused(from, FRESHET_TOO_LARGE, update);
      return refuse(from, FRESHET_CLOSE_TOO_LARGE, "the update is too large");
    case Status::limit:
      services_.metrics.refused.add();
      update.words = "Too much is waiting to be saved.";
      say_refused(from, FRESHET_LIMIT, update);
      return refuse(from, FRESHET_CLOSE_OVERLOADED, "too much is waiting to be saved");
    case Status::retry:
      services_.metrics.refused.add();
      note_budget();
      return refuse(from, FRESHET_CLOSE_OVERLOADED, "the server has no memory for this now");
    case Status::internal: return;  // see give_up_if_broken()
    default:
      services_.log.error("room", "the engine failed on an update to room \"" + name_ +
                                      "\": " + std::string(name_of(status)));
      return refuse(from, FRESHET_CLOSE_INTERNAL, "internal error");
  }
}

void Room::reject_oversized(Member& from, uint64_t ticket, size_t bytes) {
  const std::string what = "an update of " + std::to_string(bytes) +
                           " bytes, and limits.update_bytes is " +
                           std::to_string(services_.limits.update_bytes);
  services_.metrics.refused.add();
  services_.oversized.note(name_, what, services_.now_ms);
  const std::string words = "This is too large: " + what + ".";
  say_refused(from, FRESHET_TOO_LARGE,
              {.what = FRESHET_REFUSED_UPDATE, .ticket = ticket, .words = words});
  refuse(from, FRESHET_CLOSE_TOO_LARGE, "the update is too large");
}

void Room::take(Member* from, const freshet_source& author, Bytes update, uint64_t ticket,
                const freshet_applied& applied) {
  services_.metrics.updates.add();
  residence_.keep(update);
  apps_.note_change(author);
  // An app that was told that a session has ended hears no more of it.
  if (from != nullptr) apps_.tell_message(FRESHET_MESSAGE_UPDATE, author, "", update);
  freshet_delivery delivery{};
  delivery.kind = FRESHET_UPDATE;
  delivery.format = FRESHET_UPDATE_V1;
  delivery.bytes = to_c(update);
  delivery.from = author;
  fan_out_update(delivery, from, applied);
  // What a slow reader catches up with holds its own edits too, and so echoes them.
  const bool echoed_later =
      from != nullptr && from->lagging && from->spec.wire->traits.saved == FRESHET_SAVED_ECHO;
  if (from != nullptr && !echoed_later) acknowledge(*from, update, ticket);
  note_contradiction(from, applied);
  residence_.compact_if_due();
}

// An update that changed nothing. One that contradicts what is here is not known, but lost: nobody
// is told that it is saved.
void Room::take_known(Member* from, Bytes update, uint64_t ticket, const freshet_applied& applied) {
  if (applied.contradicts != 0) return note_contradiction(from, applied);
  services_.metrics.duplicates.add();
  encodings_.clear();
  if (from != nullptr) acknowledge(*from, update, ticket);
}

// It may hit the innocent of the two, so it is told to come back: anew, if it is a page that its
// user loads again.
void Room::note_contradiction(Member* from, const freshet_applied& applied) {
  if (applied.contradicts == 0) return;
  services_.metrics.contradicting.add();
  std::string what = std::to_string(applied.twin);
  if (from != nullptr && !from->spec.user_id.empty()) {
    const std::string_view user = from->spec.user_id;
    what += ", the later by user \"" + printable(user.substr(0, kShownUserBytes)) + '"';
  }
  services_.contradicted.note(name_, what + "; load both pages anew", services_.now_ms);
  if (from == nullptr) return;
  const size_t most = services_.limits.contradictions_per_session;
  if (++from->contradictions < most || most == 0) return;
  refuse(*from, FRESHET_CLOSE_OVERLOADED,
         "another copy of this document writes as client " + std::to_string(applied.twin) +
             ": load it anew");
}

void Room::acknowledge(Member& from, Bytes update, uint64_t ticket) {
  from.told_refused = FRESHET_OK;
  const uint32_t mode = from.spec.wire->traits.saved;
  if (mode == FRESHET_SAVED_SILENT || (from.wants & FRESHET_WANT_SAVED) == 0) return;
  freshet_delivery delivery{};
  if (mode == FRESHET_SAVED_NOTE) {
    encodings_.clear();
    delivery.kind = FRESHET_SAVED;
    delivery.ticket = ticket;
  } else {
    delivery.kind = FRESHET_UPDATE;
    delivery.format = FRESHET_UPDATE_V1;
    delivery.bytes = to_c(update);
  }
  send_when_saved(from, encoded(delivery, from));
}

void Room::serve(Member& from, const Submission::Presence& shown) {
  const MemberId id = from.spec.id;
  const bool first = !std::exchange(from.announced, true) && shown.entries.size() == 1;
  std::optional<uint64_t> back_since;
  if (first) {
    from.author = shown.entries.front().client;
    back_since = presence_.was_here_until(shown.entries.front().client, id);
    presence_.claim(id, shown.entries.front());
  }
  const uint32_t ttl_ms = from.spec.wire->traits.presence_ttl_ms;
  const std::vector<PresenceNews> news =
      presence_.submit(id, shown.entries, ttl_ms, services_.now_ms, services_.loop.unix_ms());
  apps_.tell_presence(news, from);
  fan_out_presence(news, &from);
  if (back_since) show_again(from, *back_since);
}

void Room::serve(Member& from, const Submission::PresenceQuery&) {
  send_presence(from, presence_.all(), true);
}

void Room::serve(Member& from, const Submission::DiffQuery& query) {
  answer_diff(from, query.state_vector, 0);
}

// ---- the journal, and time

void Room::on_saved() {
  guarded([this] { send_saved(); });
}

void Room::send_saved() {
  const uint64_t saved = services_.journal.saved();
  while (!held_.empty() && held_.front().position <= saved) {
    const Held held = std::move(held_.front());
    held_.pop_front();
    held_bytes_ -= held.counted_bytes;
    Member* to = find(held.to);
    if (to == nullptr) continue;
    to->held_bytes -= size_of(held.frames);
    send(*to, held.frames);
  }
  end_acts(Status::ok);
}

void Room::on_refused() {
  residence_.forget_unsaved();
  held_.clear();
  held_bytes_ = 0;
  end_acts(Status::conflict);
  close(FRESHET_CLOSE_INTERNAL, "what the store has of the room was changed or damaged");
}

void Room::tick(uint64_t now_ms) {
  if (state_ == State::loading) return;
  forget_diff();
  apps_.tick(now_ms);
  fan_out_presence(presence_.expire(now_ms), nullptr);
  people_.forget_long_gone(now_ms);
  residence_.tick();
  for (Member* member : present_) {
    const uint32_t keepalive = member->spec.wire->traits.keepalive_ms;
    if (!member->in || member->closing || keepalive == 0) continue;
    if (now_ms - member->last_sent_ms < keepalive) continue;
    if (member->outlet->queued_bytes() != 0) continue;  // it is still hearing the last
    freshet_delivery delivery{};
    delivery.kind = FRESHET_KEEPALIVE;
    send_one(*member, delivery);
  }
  if (state_ == State::live) residence_.compact_if_due();
  if (may_sleep()) {
    residence_.let_go();
    shared_diff_ = {};
    given_bytes_ = 0;
    state_ = State::asleep;
  }
}

}  // namespace freshet
