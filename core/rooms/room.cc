#include "core/rooms/room.h"

#include <algorithm>

#include "core/residence/long_update.h"
#include "core/rooms/cases.h"
#include "core/store/epoch.h"
#include "freshet/abi/close.h"

namespace freshet {
namespace {

// A room that could not be loaded says so to whoever asks within this time, and is then tried
// again.
constexpr uint64_t kFailedMs = 2'000;

}  // namespace

Room::Room(RoomServices& services, std::string name)
    : services_(services),
      name_(std::move(name)),
      residence_(services, *this),
      quiet_since_ms_(services.now_ms),
      presence_(services.limits),
      audience_(services, name_, members_, residence_, presence_),
      refusals_(services, name_, audience_),
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

// ---- coming and going

void Room::join(std::unique_ptr<Member> joining) {
  Member& member = members_.add(std::move(joining));
  services_.metrics.sessions.add();
  if (members_.size() > services_.limits.sessions_per_room) {
    return member.close(FRESHET_CLOSE_OVERLOADED, "the room is full");
  }
  switch (state_) {
    case State::loading:
    case State::busy: return;
    case State::live: return admit(member);
    case State::asleep: return touch();
    case State::failed:
      if (services_.now_ms - failed_ms_ < kFailedMs) {
        return member.close(FRESHET_CLOSE_CANNOT_LOAD, "the room cannot be loaded now");
      }
      // Tried again here, not by a new room: with many clients coming back, nobody being here is a
      // moment that may never come.
      return begin();
    case State::closing: return member.close(FRESHET_CLOSE_OVERLOADED, "the room is closing");
  }
}

void Room::admit(Member& member) {
  if (!member.spec.epoch.empty() && member.spec.epoch != hex(residence_.epoch())) {
    return member.close(FRESHET_CLOSE_REPLACED, "the room's history was replaced");
  }
  if (!residence_.saved() && services_.journal.failing()) {
    return member.close(FRESHET_CLOSE_OVERLOADED, "the store takes no updates now");
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
  audience_.send(member, joined);
  if ((member.wants & FRESHET_WANT_PRESENCE) != 0)
    audience_.send_presence_to(member, presence_.all(), true);
  apps_.tell_joined(member);
}

void Room::leave(MemberId id) {
  const Member* leaving = members_.retire(id);
  if (leaving == nullptr) return;
  if (leaving->in) apps_.tell_left(*leaving);
  const MemberSpec& spec = leaving->spec;
  people_.leave(spec.wire->index, spec.user_id, id, services_.now_ms);
  audience_.send_presence(presence_.leave(id), nullptr);
  members_.remove(id);
  services_.metrics.sessions.add(-1);
  if (members_.empty()) quiet_since_ms_ = services_.now_ms;
}

void Room::close(uint16_t code, std::string_view reason) {
  if (state_ == State::busy) set_busy(false);
  if (state_ != State::loading) {
    state_ = State::closing;
    end_waiting(Status::retry);
  }
  members_.close_all(code, reason);
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
  if (status == Status::limit) refusals_.note_budget();
  end_waiting(Status::retry);
  members_.close_all(FRESHET_CLOSE_CANNOT_LOAD, "the room cannot be loaded now");
}

// Somebody needs the document: if the room is asleep it is loading after this, with its members in.
void Room::touch() {
  residence_.touch();
  if (state_ == State::asleep) begin();
}

// A slow reader is caught up from the document, so one that lags keeps the room awake.
bool Room::may_sleep() const {
  return state_ == State::live && residence_.may_let_go() && !audience_.holds_any() &&
         calls_ == 0 && !members_.any_lags();
}

// ---- what members submit

void Room::submit(const Submission& submission) {
  Member* from = members_.find(submission.from);
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
  const bool known = state_ == State::live && from.spec.may_write &&
                     audience_.was_just_given(update.format, update.bytes);
  if (!known) return !may_take(from, update.bytes, update.ticket);
  touch();
  services_.metrics.duplicates.add();
  audience_.acknowledge(from, update.bytes, update.ticket);
  return true;
}

void Room::serve(Member& from, const Submission::Update& s) {
  if (too_long(s.bytes)) {
    LongUpdate work{.kind = LongUpdate::Kind::update, .format = s.format, .ticket = s.ticket};
    return work_elsewhere(from, std::move(work), s.bytes);
  }
  freshet_applied applied{};
  const Result<Bytes> bytes = residence_.apply(s.format, s.bytes, applied);
  if (!bytes) return refusals_.refuse_update(from, s.ticket, bytes.status());
  if (applied.changed == 0) return take_known(&from, *bytes, s.ticket, applied);
  take(&from, source_of(from.spec), *bytes, s.ticket, applied);
}

// Whether the member may write this much now; if not, it has been told.
bool Room::may_take(Member& from, Bytes update, uint64_t ticket) {
  if (!from.spec.may_write) {
    refusals_.drop_update(from, ticket, Status::denied);
    return false;
  }
  if (update.size() > services_.limits.update_bytes) {
    refusals_.reject_oversized(from, ticket, update.size());
    return false;
  }
  if (residence_.full() || from.left_out) {
    refusals_.drop_update(from, ticket, Status::limit);
    return false;
  }
  if (services_.journal.unsaved_bytes() + audience_.held_bytes() > services_.unsaved_limit_bytes) {
    refusals_.reject(from, Status::limit, ticket);
    return false;
  }
  return true;
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
  audience_.send_update(delivery, applied, from, ticket);
  refusals_.note_contradiction(from, applied);
  residence_.compact_if_due();
}

// An update that changed nothing. One that contradicts what is here is not known, but lost: nobody
// is told that it is saved.
void Room::take_known(Member* from, Bytes update, uint64_t ticket, const freshet_applied& applied) {
  if (applied.contradicts != 0) return refusals_.note_contradiction(from, applied);
  services_.metrics.duplicates.add();
  if (from != nullptr) audience_.acknowledge(*from, update, ticket);
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
  audience_.send_presence(news, &from);
  if (back_since) show_again(from, *back_since);
}

// One who is back has dropped everybody it knew, and passes over what it has heard before.
void Room::show_again(Member& to, uint64_t known_until) {
  if (to.lagging || to.spec.wire->traits.presence_ttl_ms == 0) return;
  const Presence::Again again = presence_.again_for(to.spec.id, known_until);
  if (!again.all.empty()) audience_.send_presence_to(to, again.all, false);
  for (const PresenceNews& moved : again.moved) {
    Member* owner = members_.find(moved.from);
    if (owner == nullptr || owner->lagging || (owner->wants & FRESHET_WANT_PRESENCE) == 0) continue;
    if (owner->spec.wire->traits.presence_echo != 0)
      audience_.send_presence_to(*owner, {moved}, false);
  }
}

void Room::serve(Member& from, const Submission::PresenceQuery&) {
  audience_.send_presence_to(from, presence_.all(), true);
}

void Room::serve(Member& from, const Submission::DiffQuery& query) {
  answer_diff(from, query.state_vector, 0);
}

// ---- slow readers

void Room::drained(MemberId id, size_t credit_bytes) {
  Member* member = members_.find(id);
  if (member == nullptr) return;
  member->outlet->credit(credit_bytes);
  // Without its document (asleep, or loading again) a room has no news but presence; while it is
  // busy, who has drained waits like everybody.
  const bool serves =
      state_ == State::live || state_ == State::asleep || (state_ == State::loading && member->in);
  if (!serves || !audience_.may_catch_up(*member)) return;
  if (const Status status = audience_.catch_up(*member); status != Status::ok) {
    refusals_.reject(*member, status);
  }
  give_up_if_broken();
}

// ---- the journal, and time

void Room::on_saved() {
  guarded([this] {
    audience_.send_saved();
    end_acts(Status::ok);
  });
}

void Room::on_refused() {
  residence_.forget_unsaved();
  audience_.forget_held();
  end_acts(Status::conflict);
  close(FRESHET_CLOSE_INTERNAL, "what the store has of the room was changed or damaged");
}

void Room::tick(uint64_t now_ms) {
  if (state_ == State::loading) return;
  apps_.tick(now_ms);
  audience_.send_presence(presence_.expire(now_ms), nullptr);
  people_.forget_long_gone(now_ms);
  residence_.tick();
  audience_.tick(now_ms);
  if (state_ == State::live) residence_.compact_if_due();
  if (may_sleep()) {
    residence_.let_go();
    audience_.forget_diff();
    state_ = State::asleep;
  }
}

}  // namespace freshet
