#include "core/audience/audience.h"

#include <algorithm>
#include <utility>

#include "core/audience/presence_batch.h"
#include "freshet/abi/close.h"

namespace freshet {
namespace {

// Where an echo says "saved", whatever brings a client its own content back is taken for one. So
// what may hold it (from an older connection of the same client, or from a peer that gives a
// restarted server what it had lost) waits until that is true; what others typed goes out at once.
bool reads_as_echo(const Member& member, const freshet_applied& applied) {
  if (member.spec.wire->traits.saved != FRESHET_SAVED_ECHO) return false;
  if (applied.authors == FRESHET_AUTHORS_NONE) return false;
  return applied.authors != FRESHET_AUTHORS_ONE || !member.author ||
         *member.author == applied.author;
}

}  // namespace

Audience::Audience(RoomServices& services, const std::string& room, const Members& members,
                   Residence& residence, const Presence& presence)
    : services_(services),
      members_(members),
      residence_(residence),
      presence_(presence),
      encodings_(services, room) {}

// ---- one delivery to one member

void Audience::send_frames(Member& to, const Frames& frames) {
  if (frames.empty() || to.closing) return;
  if (to.outlet->queued_bytes() > services_.limits.reader_hard_bytes) {
    services_.metrics.cut_off.add();
    return to.close(FRESHET_CLOSE_TIMEOUT, "the connection does not read what it is sent");
  }
  to.outlet->send(frames, to.spec.prefix, to.spec.text);
  to.last_sent_ms = services_.now_ms;
  services_.metrics.deliveries.add(static_cast<int64_t>(frames.size()));
  if (!to.lagging && to.outlet->queued_bytes() > services_.limits.reader_bytes) note_lag(to);
}

// As the member's wire has it, for which the encoding is shared. Null: it is sent away, as whoever
// cannot be given it would miss something without knowing.
const Frames* Audience::encoded_for(Member& to, const freshet_delivery& delivery) {
  const Frames* frames = encodings_.of(delivery, to.spec);
  if (frames == nullptr) to.close(FRESHET_CLOSE_INTERNAL, "internal error");
  return frames;
}

void Audience::send_encoded(Member& to, const freshet_delivery& delivery) {
  if (const Frames* frames = encoded_for(to, delivery)) send_frames(to, *frames);
}

void Audience::send_when_saved(Member& to, const freshet_delivery& delivery) {
  if (const Frames* frames = encoded_for(to, delivery)) hold(to, *frames);
}

// Until all that is in the document now is saved.
void Audience::hold(Member& to, const Frames& frames) {
  if (residence_.saved()) return send_frames(to, frames);
  if (frames.empty()) return;
  if (to.held_bytes > services_.limits.reader_hard_bytes) {
    return to.close(FRESHET_CLOSE_OVERLOADED, "too much is waiting to be saved");
  }
  to.held_bytes += size_of(frames);
  held_.push(residence_.position(), to.spec.id, frames);
}

void Audience::send_saved() {
  const uint64_t saved = services_.journal.saved();
  while (const auto one = held_.pop(saved)) {
    Member* to = members_.find(one->to);
    if (to == nullptr) continue;
    to->held_bytes -= size_of(one->frames);
    send_frames(*to, one->frames);
  }
}

void Audience::send(Member& to, const freshet_delivery& delivery) {
  encodings_.clear();
  freshet_delivery addressed = delivery;
  addressed.to = to.spec.client;
  if (addressed.from.client == 0) addressed.from = source_of(to.spec);
  send_encoded(to, addressed);
}

// ---- events

// It cannot be made up for later: it goes to the slow as well, who are cut off in the end.
void Audience::send_event(const freshet_delivery& event) {
  encodings_.clear();
  for (Member* member : members_.all()) {
    if (!member->reachable() || (member->wants & FRESHET_WANT_EVENTS) == 0) continue;
    send_encoded(*member, event);
  }
}

// ---- updates

void Audience::send_update(const freshet_delivery& update, const freshet_applied& applied,
                           Member* from, uint64_t ticket) {
  encodings_.clear();
  for (Member* member : members_.all()) {
    if (member == from || !member->reachable() || member->lagging) continue;
    if ((member->wants & FRESHET_WANT_UPDATES) == 0) continue;
    if (reads_as_echo(*member, applied)) {
      send_when_saved(*member, update);
    } else {
      send_encoded(*member, update);
    }
  }
  if (from == nullptr) return;
  // What a slow reader catches up with holds its own edits too, and so echoes them.
  if (from->lagging && from->spec.wire->traits.saved == FRESHET_SAVED_ECHO) return;
  confirm(*from, view(update.bytes), ticket);
}

void Audience::acknowledge(Member& from, Bytes update, uint64_t ticket) {
  encodings_.clear();
  confirm(from, update, ticket);
}

// An echo is the update itself, as it has just been encoded for others.
void Audience::confirm(Member& from, Bytes update, uint64_t ticket) {
  from.told_refused = Status::ok;
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
  send_when_saved(from, delivery);
}

// ---- presence

void Audience::send_presence(const std::vector<PresenceNews>& news, const Member* from) {
  if (news.empty()) return;
  PresenceBatch whole, changed;
  for (const PresenceNews& each : news) {
    const std::string_view user = members_.user_of(each.from);
    whole.add(each, user);
    if (!each.renewed) changed.add(each, user);
  }
  const bool echo = from == nullptr || from->spec.wire->traits.presence_echo != 0;
  encodings_.clear();
  for (Member* member : members_.all()) {
    if (!member->reachable() || member->lagging || (member == from && !echo)) continue;
    if ((member->wants & FRESHET_WANT_PRESENCE) == 0) continue;
    const bool forgets = member->spec.wire->traits.presence_ttl_ms != 0;
    const PresenceBatch& batch = forgets ? whole : changed;
    if (!batch.empty()) send_encoded(*member, batch.delivery());
  }
}

void Audience::send_presence_to(Member& to, const std::vector<PresenceNews>& news, bool whole) {
  PresenceBatch batch;
  for (const PresenceNews& each : news) batch.add(each, members_.user_of(each.from));
  freshet_delivery delivery = batch.delivery();
  delivery.whole = whole ? 1 : 0;
  send(to, delivery);
}

// ---- what somebody lacks

bool Audience::has_diff(const Member& to, uint32_t kind, Bytes state_vector,
                        uint8_t document) const {
  return diff_.answers({residence_.version(), kind, document, state_vector, to.spec});
}

Status Audience::send_diff(Member& to, uint32_t kind, Bytes state_vector, uint8_t document) {
  if (!has_diff(to, kind, state_vector, document)) {
    std::vector<uint8_t> update;
    FRESHET_CHECK(residence_.diff(state_vector, update));
    put_diff(to, kind, state_vector, document, std::move(update));
  }
  hold(to, diff_.frames());
  return Status::ok;
}

void Audience::send_made_diff(Member& to, uint32_t kind, Bytes state_vector, uint8_t document,
                              std::vector<uint8_t> update) {
  put_diff(to, kind, state_vector, document, std::move(update));
  hold(to, diff_.frames());
}

void Audience::put_diff(Member& to, uint32_t kind, Bytes state_vector, uint8_t document,
                        std::vector<uint8_t> update) {
  freshet_delivery delivery{};
  delivery.kind = kind;
  delivery.format = FRESHET_UPDATE_V1;
  delivery.bytes = to_c(Bytes(update));
  delivery.document = document;
  encodings_.clear();
  diff_.let_go();
  const Frames* frames = encoded_for(to, delivery);
  if (frames == nullptr) return;  // the next to ask is not to be given nothing
  diff_.put({residence_.version(), kind, document, state_vector, to.spec}, std::move(update),
            *frames);
}

// ---- those who are behind

Status Audience::begin_behind(Member& to, const StateVector& opened) {
  if (to.lagging) {  // it gets it all when it has read what it was sent
    to.seen = opened;
    return Status::ok;
  }
  if (opened.version() == residence_.version()) return Status::ok;
  return send_diff(to, FRESHET_UPDATE, opened.bytes());
}

// What cannot be conflated still goes to a lagging member: acknowledgements of what it sent before.
// They are bounded too: past the hard bound the member is cut off.
void Audience::note_lag(Member& member) {
  const Result<StateVector> seen = residence_.state_vector();
  // What it will lack could not be told from what it has.
  if (!seen) {
    services_.shortages.note_memory(services_.now_ms);
    return member.close(FRESHET_CLOSE_OVERLOADED, "the server has no memory for this now");
  }
  services_.metrics.lagging.add();
  member.lagging = true;
  member.seen = *seen;
  member.seen_presence = presence_.version();
}

bool Audience::may_catch_up(const Member& member) const {
  return member.lagging && member.outlet->queued_bytes() <= services_.limits.reader_bytes / 2;
}

Status Audience::catch_up(Member& member) {
  member.lagging = false;
  const StateVector seen = std::move(member.seen);
  const std::vector<PresenceNews> news = presence_.since(member.seen_presence);
  // A diff larger than the bound makes the member lag anew: were it sent without news, it would be
  // sent again for ever.
  const bool missed = seen.version() != residence_.version();
  if (missed && (member.wants & FRESHET_WANT_UPDATES) != 0) {
    FRESHET_CHECK(send_diff(member, FRESHET_UPDATE, seen.bytes()));
  }
  if (news.empty() || (member.wants & FRESHET_WANT_PRESENCE) == 0) return Status::ok;
  send_presence_to(member, news);
  return Status::ok;
}

// ---- now and then

void Audience::tick(uint64_t now_ms) {
  diff_.let_go();
  for (Member* member : members_.all()) {
    const uint32_t keepalive = member->spec.wire->traits.keepalive_ms;
    if (!member->reachable() || keepalive == 0) continue;
    if (now_ms - member->last_sent_ms < keepalive) continue;
    if (member->outlet->queued_bytes() != 0) continue;  // it is still hearing the last
    freshet_delivery delivery{};
    delivery.kind = FRESHET_KEEPALIVE;
    send(*member, delivery);
  }
}

}  // namespace freshet
