#include "core/room.h"

#include <algorithm>
#include <functional>

#include "freshet/abi/close.h"

namespace freshet {
namespace {

// A room that could not be loaded says so to whoever asks within this time, and is then tried
// again.
constexpr uint64_t kFailedMs = 2'000;

// A full room says so in the log once in this time.
constexpr uint64_t kNoteFullAgainMs = 60'000;

// From this on a diff is known by its print after its bytes are let go.
constexpr size_t kPrintedBytes = size_t{1} << 20;

uint64_t print_of(Bytes bytes) { return std::hash<std::string_view>{}(as_text(bytes)); }

std::string hex(const freshet_epoch& epoch) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const uint8_t byte : epoch.bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

}  // namespace

Submission Submission::of_presence(MemberId from, std::span<const freshet_presence> entries) {
  Submission s{.kind = Kind::presence, .from = from, .bytes = {}, .presence = {}};
  for (const auto& p : entries) {
    s.presence.push_back({p.client, p.clock, std::nullopt});
    if (p.json.data != nullptr) s.presence.back().json.emplace(view(p.json));
  }
  return s;
}

size_t Submission::size_bytes() const {
  size_t size = sizeof(*this) + bytes.size() + name.size();
  for (const auto& p : presence) size += sizeof(p) + (p.json ? p.json->size() : 0);
  return size;
}

Room::Room(RoomServices& services, std::string name)
    : services_(services),
      name_(std::move(name)),
      quiet_since_ms_(services.now_ms),
      presence_(services.limits) {
  services_.metrics.loaded.add();
  start_load();
}

Room::~Room() { services_.metrics.loaded.add(-1); }

freshet_doc_stats Room::document_stats() const {
  return document_ ? document_->stats() : freshet_doc_stats{};
}

Member* Room::find(MemberId id) {
  const auto it = members_.find(id);
  return it == members_.end() || it->second->closing ? nullptr : it->second.get();
}

void Room::refuse(Member& member, uint16_t code, std::string_view reason) {
  if (member.closing) return;
  member.closing = true;
  member.outlet.close(code, reason);
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
    case State::loading: return;
    case State::live: return admit(member);
    case State::asleep: return touch();
    case State::failed:
      if (services_.now_ms - failed_ms_ < kFailedMs) {
        return refuse(member, FRESHET_CLOSE_CANNOT_LOAD, "the room cannot be loaded now");
      }
      // Tried again here, not by a new room: with many clients coming back, nobody being here is a
      // moment that may never come.
      state_ = State::loading;
      return start_load();
    case State::closing: return refuse(member, FRESHET_CLOSE_OVERLOADED, "the room is closing");
  }
}

void Room::admit(Member& member) {
  if (!member.spec.epoch.empty() && member.spec.epoch != hex(history_.epoch)) {
    return refuse(member, FRESHET_CLOSE_REPLACED, "the room's history was replaced");
  }
  if (!saved() && services_.journal.failing()) {
    return refuse(member, FRESHET_CLOSE_OVERLOADED, "the store takes no updates now");
  }
  member.in = true;
  touch();
  freshet_delivery joined{};
  joined.kind = FRESHET_JOINED;
  joined.bytes = to_c(Bytes(state_vector()));
  joined.from = {member.spec.client, to_c(std::string_view(member.spec.user)), 0};
  joined.document = has_content() ? FRESHET_DOCUMENT_KEPT : FRESHET_DOCUMENT_EMPTY;
  const std::string_view shown = people_.shown(member.spec.wire->index, member.spec.user_id);
  if (!shown.empty()) joined.shown = to_c(shown);
  send_one(member, joined);
  if ((member.wants & FRESHET_WANT_PRESENCE) != 0) query_presence(member.spec.id);
  told_of_somebody_ = true;
  tell(FRESHET_USER_CONNECTED, member);
}

void Room::leave(MemberId id) {
  const auto it = members_.find(id);
  if (it == members_.end()) return;
  if (it->second->in) tell(FRESHET_USER_DISCONNECTED, *it->second);
  std::erase(present_, it->second.get());
  const MemberSpec& spec = it->second->spec;
  people_.leave(spec.wire->index, spec.user_id, id, services_.now_ms);
  fan_out_presence(presence_.leave(id), nullptr);
  members_.erase(it);
  services_.metrics.sessions.add(-1);
  if (members_.empty()) quiet_since_ms_ = services_.now_ms;
}

void Room::close(uint16_t code, std::string_view reason) {
  if (state_ != State::loading) state_ = State::closing;
  for (Member* member : present_) refuse(*member, code, reason);
}

bool Room::spent(uint64_t now_ms) const {
  if (!quiet()) return false;
  const uint64_t linger = state_ == State::failed ? kFailedMs
                          : state_ == State::live ? services_.limits.linger_ms
                                                  : 0;
  return now_ms - quiet_since_ms_ >= linger;
}

// ---- while loading

void Room::wait(Submission submission) {
  Member* from = find(submission.from);
  if (from == nullptr) return;
  waiting_bytes_ += submission.size_bytes();
  if (waiting_bytes_ > services_.limits.loading_bytes) {
    waiting_bytes_ -= submission.size_bytes();
    return refuse(*from, FRESHET_CLOSE_OVERLOADED, "too much was sent before the room was loaded");
  }
  waiting_.push_back(std::move(submission));
}

void Room::on_loaded(Loaded loaded) {
  const bool again = std::exchange(waking_, false);
  if (again && (loaded.history.last_seq != history_.last_seq ||
                hex(loaded.history.epoch) != hex(history_.epoch))) {
    // It was asleep, and another process wrote meanwhile: its members know another history.
    return on_load_failed(Status::conflict);
  }
  state_ = State::live;
  document_.emplace(std::move(loaded.document));
  history_ = loaded.history;
  quiet_since_ms_ = services_.now_ms;
  if (!again) ++version_;  // else it is what it was
  touched_ms_ = services_.now_ms;
  for (Member* member : std::vector<Member*>(present_)) {
    if (!member->closing && !member->in) admit(*member);
  }
  waiting_bytes_ = 0;
  for (Submission& s : std::exchange(waiting_, {})) submit(std::move(s));
  do_waiting_acts(Status::ok);
}

void Room::on_load_failed(Status status) {
  state_ = State::failed;
  waking_ = false;
  failed_ms_ = services_.now_ms;
  quiet_since_ms_ = services_.now_ms;
  services_.metrics.loads_failed.add();
  services_.log.error("room", "room \"" + name_ + "\" cannot be loaded: " +
                                  std::string(name_of(status)) + "; its clients are told to retry");
  waiting_.clear();
  waiting_bytes_ = 0;
  do_waiting_acts(Status::retry);
  for (Member* member : present_) {
    refuse(*member, FRESHET_CLOSE_CANNOT_LOAD, "the room cannot be loaded now");
  }
}

// ---- what members submit

void Room::submit(Submission s) {
  if (state_ == State::loading) return wait(std::move(s));
  switch (s.kind) {
    case Submission::Kind::update: return submit_update(s.from, s.format, s.bytes, s.ticket);
    case Submission::Kind::query_presence: return query_presence(s.from);
    case Submission::Kind::diff: return request_diff(s.from, s.format, s.bytes);
    case Submission::Kind::follow: return follow(s.from, s.wants);
    case Submission::Kind::open: return open_document(s.from, s.format, s.bytes);
    case Submission::Kind::show: return show(s.from, s.bytes);
    case Submission::Kind::event: return submit_event(s.from, s.name, s.bytes);
    case Submission::Kind::presence: break;
  }
  std::vector<freshet_presence> entries;
  for (const auto& p : s.presence) {
    const freshet_str json = p.json ? to_c(std::string_view(*p.json)) : freshet_str{nullptr, 0};
    entries.push_back({p.client, p.clock, json});
  }
  submit_presence(s.from, entries);
}

void Room::submit_update(MemberId id, uint32_t format, Bytes update, uint64_t ticket) {
  Member* from = find(id);
  if (from == nullptr) return;
  if (state_ == State::live && from->spec.may_write && was_just_given(format, update)) {
    touch();
    services_.metrics.duplicates.add();
    encodings_.clear();
    return acknowledge(*from, update, ticket);
  }
  if (!may_take(*from, update, ticket)) return;
  touch();
  if (state_ == State::loading) {
    return wait({.kind = Submission::Kind::update,
                 .from = id,
                 .format = format,
                 .ticket = ticket,
                 .bytes = {update.begin(), update.end()},
                 .presence = {}});
  }
  if (state_ != State::live) return;
  freshet_applied applied{};
  const Status status = document_->apply(format, update, applied);
  if (status == Status::limit) return drop_update(*from, ticket, FRESHET_LIMIT);
  if (status != Status::ok) return reject(*from, status);
  const Bytes bytes = canonical(format, update, applied);
  if (applied.changed == 0) {
    services_.metrics.duplicates.add();
    encodings_.clear();
    return acknowledge(*from, bytes, ticket);
  }
  take(*from, bytes, ticket, applied);
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
    reject_oversized(from, update.size());
    return false;
  }
  if (full_) {
    drop_update(from, ticket, FRESHET_LIMIT);
    return false;
  }
  if (services_.journal.unsaved_bytes() + held_bytes_ > services_.unsaved_limit_bytes) {
    reject(from, Status::limit);
    return false;
  }
  return true;
}

// An update that is not taken although nothing is wrong with it: the session stays, and reads on.
void Room::drop_update(Member& from, uint64_t ticket, freshet_status why) {
  services_.metrics.refused.add();
  if (why == FRESHET_LIMIT) note_full();
  say_refused(from, ticket, why);
}

void Room::note_full() {
  if (services_.now_ms < note_full_not_before_ms_) return;
  note_full_not_before_ms_ = services_.now_ms + kNoteFullAgainMs;
  services_.log.warn("room", "room \"" + name_ +
                                 "\" is full: its edits are refused; limits.document_bytes bounds "
                                 "it, or one of the engine's own limits");
}

void Room::reject(Member& from, Status status) {
  switch (status) {
    case Status::malformed:
      services_.metrics.malformed.add();
      say_refused(from, 0, FRESHET_MALFORMED);
      return refuse(from, FRESHET_CLOSE_MALFORMED, "the update does not decode");
    case Status::too_large:
      services_.metrics.refused.add();
      say_refused(from, 0, FRESHET_TOO_LARGE);
      return refuse(from, FRESHET_CLOSE_TOO_LARGE, "the update is too large");
    case Status::limit:
      services_.metrics.refused.add();
      return refuse(from, FRESHET_CLOSE_OVERLOADED, "too much is waiting to be saved");
    default:
      services_.log.error("room", "the engine failed on an update to room \"" + name_ +
                                      "\": " + std::string(name_of(status)));
      return refuse(from, FRESHET_CLOSE_INTERNAL, "internal error");
  }
}

void Room::reject_oversized(Member& from, size_t bytes) {
  const std::string what = "an update of " + std::to_string(bytes) +
                           " bytes, and limits.update_bytes is " +
                           std::to_string(services_.limits.update_bytes);
  services_.metrics.refused.add();
  services_.oversized.note(name_, what, services_.now_ms);
  say_refused(from, 0, FRESHET_TOO_LARGE, "This is too large: " + what + ".");
  refuse(from, FRESHET_CLOSE_TOO_LARGE, "the update is too large");
}

// The update in a form that may be passed on: as it came, or re-encoded into scratch_.
Bytes Room::canonical(uint32_t format, Bytes update, const freshet_applied& applied) {
  if (applied.canonical != 0) return update;
  services_.metrics.reencoded.add();
  scratch_.clear();
  const auto& crdt = services_.crdt;
  if (crdt.reencode(crdt.self, format, to_c(update), VectorSink(scratch_).c()) == FRESHET_OK) {
    return scratch_;
  }
  // The document has it already, so it must be journaled in some form: the whole state always is
  // one.
  scratch_.clear();
  static_cast<void>(document_->diff(format, {}, scratch_));
  return scratch_;
}

// To the journal with it.
void Room::keep(Bytes update) {
  position_ = services_.journal.append(*this, history_.epoch, ++history_.last_seq, update);
  ++history_.log_updates;
  history_.log_bytes += update.size();
}

void Room::take(Member& from, Bytes update, uint64_t ticket, const freshet_applied& applied) {
  services_.metrics.updates.add();
  ++version_;
  keep(update);
  note_change(from);
  tell_message(FRESHET_MESSAGE_UPDATE, from, "", update);
  freshet_delivery delivery{};
  delivery.kind = FRESHET_UPDATE;
  delivery.format = FRESHET_UPDATE_V1;
  delivery.bytes = to_c(update);
  delivery.from = {from.spec.client, to_c(std::string_view(from.spec.user)), 0};
  fan_out_update(delivery, &from, applied);
  // What a slow reader catches up with holds its own edits too, and so echoes them.
  const bool echoed_later = from.lagging && from.spec.wire->traits.saved == FRESHET_SAVED_ECHO;
  if (!echoed_later) acknowledge(from, update, ticket);
  if (compaction_due()) compact();
}

void Room::acknowledge(Member& from, Bytes update, uint64_t ticket) {
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

void Room::submit_presence(MemberId id, std::span<const freshet_presence> entries) {
  Member* from = find(id);
  if (from == nullptr) return;
  if (state_ == State::loading) return wait(Submission::of_presence(id, entries));
  if (!std::exchange(from->announced, true) && entries.size() == 1) {
    from->author = entries.front().client;
  }
  const uint32_t ttl_ms = from->spec.wire->traits.presence_ttl_ms;
  const std::vector<PresenceNews> news = presence_.submit(id, entries, ttl_ms, services_.now_ms);
  tell_presence(news, *from);
  fan_out_presence(news, from);
}

void Room::query_presence(MemberId id) {
  Member* from = find(id);
  if (from == nullptr) return;
  if (state_ == State::loading) {
    return wait(
        {.kind = Submission::Kind::query_presence, .from = id, .bytes = {}, .presence = {}});
  }
  send_presence(*from, presence_.all(), true);
}

void Room::request_diff(MemberId id, uint32_t format, Bytes state_vector) {
  Member* from = find(id);
  if (from == nullptr) return;
  touch();
  if (state_ == State::loading) {
    return wait({.kind = Submission::Kind::diff,
                 .from = id,
                 .format = format,
                 .bytes = {state_vector.begin(), state_vector.end()},
                 .presence = {}});
  }
  if (state_ != State::live) return;
  if (const Status status = send_diff(*from, FRESHET_DIFF, state_vector); status != Status::ok) {
    reject(*from, status);
  }
}

// ---- the journal, and time

void Room::on_saved() {
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
  position_ = 0;  // nothing of it is coming to disk
  held_.clear();
  held_bytes_ = 0;
  end_acts(Status::conflict);
  close(FRESHET_CLOSE_INTERNAL, "what the store has of the room was changed or damaged");
}

void Room::tick(uint64_t now_ms) {
  if (state_ == State::loading) return;
  forget_diff();
  forget_encoded();
  if (now_ms - told_changes_ms_ >= services_.limits.app_storage_ms) tell_changes();
  fan_out_presence(presence_.expire(now_ms), nullptr);
  people_.forget_long_gone(now_ms);
  if (document_) full_ = document_->stats().memory_bytes > services_.limits.document_bytes;
  for (Member* member : present_) {
    const uint32_t keepalive = member->spec.wire->traits.keepalive_ms;
    if (!member->in || member->closing || keepalive == 0) continue;
    if (now_ms - member->last_sent_ms < keepalive) continue;
    if (member->outlet.queued_bytes() != 0) continue;  // it is still hearing the last
    freshet_delivery delivery{};
    delivery.kind = FRESHET_KEEPALIVE;
    send_one(*member, delivery);
  }
  if (compaction_due()) compact();
  if (may_sleep()) fall_asleep();
}

}  // namespace freshet
