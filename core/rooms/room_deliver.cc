// What goes out of a room: encoded once per wire and variant, sent to many, held back for the slow.
#include <algorithm>

#include "core/rooms/room.h"
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

// Presence as a delivery has it: entries, and beside each whose it is.
struct PresenceBatch {
  std::vector<freshet_presence> entries;
  std::vector<freshet_source> sources;
  std::vector<uint64_t> changed_ms;

  void add(const PresenceNews& news, std::string_view user) {
    entries.push_back(news);
    sources.push_back({news.client, user.empty() ? freshet_str{nullptr, 0} : to_c(user),
                       static_cast<uint8_t>(news.arrived ? 1 : 0)});
    changed_ms.push_back(news.changed_unix_ms);
  }
  freshet_delivery delivery() const {
    freshet_delivery delivery{};
    delivery.kind = FRESHET_PRESENCE;
    delivery.presence = entries.data();
    delivery.presence_count = entries.size();
    delivery.sources = sources.data();
    delivery.changed_ms = changed_ms.data();
    return delivery;
  }
};

}  // namespace

// The delivery as this member's wire has it. Encodings are shared until encodings_ is cleared,
// which every new delivery does first.
const Frames& Room::encoded(const freshet_delivery& delivery, Member& to) {
  const uint32_t key = to.spec.wire->index * kMaxVariants + to.spec.variant;
  for (const auto& [known, frames] : encodings_) {
    if (known == key) return frames;
  }
  auto& [unused, frames] = encodings_.emplace_back(key, Frames{});
  freshet_delivery with_variant = delivery;
  with_variant.size = sizeof(with_variant);
  with_variant.variant = to.spec.variant;
  with_variant.room = to_c(std::string_view(name_));
  const freshet_protocol& protocol = *to.spec.wire->protocol;
  FrameSink sink(services_.loop.platform(), frames);
  const Status status{protocol.encode(protocol.self, &with_variant, sink.c())};
  if (status != Status::ok && status != Status::not_found) {
    services_.log.error("room",
                        "protocol " + to.spec.wire->plugin +
                            " failed to encode a delivery: " + std::string(name_of(status)));
    // It would miss something without knowing; so would the next, and is told the same.
    encodings_.pop_back();
    refuse(to, FRESHET_CLOSE_INTERNAL, "internal error");
    static const Frames nothing;
    return nothing;
  }
  return frames;
}

void Room::send(Member& to, const Frames& frames) {
  if (frames.empty() || to.closing) return;
  if (to.outlet->queued_bytes() > services_.limits.reader_hard_bytes) {
    services_.metrics.cut_off.add();
    return refuse(to, FRESHET_CLOSE_TIMEOUT, "the connection does not read what it is sent");
  }
  to.outlet->send(frames, to.spec.prefix, to.spec.text);
  to.last_sent_ms = services_.now_ms;
  services_.metrics.deliveries.add(static_cast<int64_t>(frames.size()));
  if (!to.lagging && to.outlet->queued_bytes() > services_.limits.reader_bytes) note_lag(to);
}

void Room::send_when_saved(Member& to, Frames frames) {
  if (residence_.saved()) return send(to, frames);
  if (frames.empty()) return;
  if (to.held_bytes > services_.limits.reader_hard_bytes) {
    return refuse(to, FRESHET_CLOSE_OVERLOADED, "too much is waiting to be saved");
  }
  const size_t bytes = size_of(frames);
  const bool shared = !held_.empty() && held_.back().frames.front().get() == frames.front().get();
  to.held_bytes += bytes;
  held_bytes_ += shared ? 0 : bytes;
  held_.push_back({residence_.position(), to.spec.id, std::move(frames), shared ? 0 : bytes});
}

void Room::send_one(Member& to, const freshet_delivery& delivery) {
  encodings_.clear();
  freshet_delivery addressed = delivery;
  addressed.to = to.spec.client;
  if (addressed.from.client == 0) {
    addressed.from = {to.spec.client, to_c(std::string_view(to.spec.user)), 0};
  }
  send(to, encoded(addressed, to));
}

void Room::fan_out(const freshet_delivery& delivery, uint32_t want, const Member* except) {
  encodings_.clear();
  for (Member* member : present_) {
    if (member == except || !member->in || member->closing) continue;
    // An event cannot be made up for later: it goes to the slow as well, who are cut off in the
    // end.
    if (member->lagging && delivery.kind != FRESHET_EVENT) continue;
    if ((member->wants & want) != 0) send(*member, encoded(delivery, *member));
  }
}

void Room::fan_out_update(const freshet_delivery& delivery, const Member* from,
                          const freshet_applied& applied) {
  encodings_.clear();
  for (Member* member : present_) {
    if (member == from || !member->in || member->closing || member->lagging) continue;
    if ((member->wants & FRESHET_WANT_UPDATES) == 0) continue;
    const Frames& frames = encoded(delivery, *member);
    reads_as_echo(*member, applied) ? send_when_saved(*member, frames) : send(*member, frames);
  }
}

// What was only renewed is no news on a wire where nothing is forgotten for not being renewed.
void Room::fan_out_presence(const std::vector<PresenceNews>& news, const Member* from) {
  if (news.empty()) return;
  PresenceBatch all, changed;
  for (const PresenceNews& each : news) {
    const auto owner = members_.find(each.from);
    const std::string_view user =
        owner == members_.end() ? std::string_view() : owner->second->spec.user;
    all.add(each, user);
    if (!each.renewed) changed.add(each, user);
  }
  const bool echo = from == nullptr || from->spec.wire->traits.presence_echo != 0;
  encodings_.clear();
  for (Member* member : present_) {
    if (!member->in || member->closing || member->lagging || (member == from && !echo)) continue;
    if ((member->wants & FRESHET_WANT_PRESENCE) == 0) continue;
    const PresenceBatch& batch = member->spec.wire->traits.presence_ttl_ms != 0 ? all : changed;
    if (!batch.entries.empty()) send(*member, encoded(batch.delivery(), *member));
  }
}

// One who is back has dropped everybody it knew, and passes over what it has heard before.
void Room::show_again(Member& to, uint64_t known_until) {
  if (to.lagging || to.spec.wire->traits.presence_ttl_ms == 0) return;
  const Presence::Again again = presence_.again_for(to.spec.id, known_until);
  if (!again.all.empty()) send_presence(to, again.all, false);
  for (const PresenceNews& moved : again.moved) {
    Member* owner = find(moved.from);
    if (owner == nullptr || owner->lagging || (owner->wants & FRESHET_WANT_PRESENCE) == 0) continue;
    if (owner->spec.wire->traits.presence_echo != 0) send_presence(*owner, {moved}, false);
  }
}

void Room::send_presence(Member& to, const std::vector<PresenceNews>& news, bool whole) {
  PresenceBatch batch;
  for (const PresenceNews& each : news) {
    const auto owner = members_.find(each.from);
    batch.add(each, owner == members_.end() ? std::string_view() : owner->second->spec.user);
  }
  freshet_delivery delivery = batch.delivery();
  delivery.whole = whole ? 1 : 0;
  send_one(to, delivery);
}

// All that a peer at `state_vector` lacks, once all of it is saved. Those who ask the same before
// the document changes share one encoding.
Status Room::send_diff(Member& to, uint32_t kind, Bytes state_vector, uint8_t document) {
  if (!has_diff(to, kind, state_vector, document)) {
    std::vector<uint8_t> update;
    FRESHET_CHECK(residence_.diff(state_vector, update));
    share_diff(to, kind, state_vector, document, std::move(update));
  }
  send_when_saved(to, shared_diff_.frames);
  return Status::ok;
}

bool Room::has_diff(const Member& to, uint32_t kind, Bytes state_vector, uint8_t document) const {
  const SharedDiff& shared = shared_diff_;
  return shared.version == residence_.version() && shared.kind == kind &&
         shared.wire == to.spec.wire->index && shared.variant == to.spec.variant &&
         shared.document == document && std::ranges::equal(shared.state_vector, state_vector);
}

void Room::share_diff(Member& to, uint32_t kind, Bytes state_vector, uint8_t document,
                      std::vector<uint8_t> update) {
  freshet_delivery delivery{};
  delivery.kind = kind;
  delivery.format = FRESHET_UPDATE_V1;
  delivery.bytes = to_c(Bytes(update));
  delivery.document = document;
  encodings_.clear();
  forget_diff();
  shared_diff_ = {residence_.version(),
                  kind,
                  to.spec.wire->index,
                  to.spec.variant,
                  document,
                  {state_vector.begin(), state_vector.end()},
                  {},
                  encoded(delivery, to)};
  shared_diff_.update = std::move(update);
  // It did not encode: the next to ask is not to be given nothing.
  if (to.closing) shared_diff_ = {};
}

// ---- slow readers

// What cannot be conflated still goes to a lagging member: acknowledgements of what it sent before.
// They are bounded too: past the hard bound the member is cut off.
void Room::note_lag(Member& member) {
  services_.metrics.lagging.add();
  member.lagging = true;
  member.seen = residence_.state_vector();
  member.seen_version = residence_.version();
  member.seen_presence = presence_.version();
}

void Room::drained(MemberId id, size_t credit_bytes) {
  Member* member = find(id);
  if (member == nullptr) return;
  member->outlet->credit(credit_bytes);
  // Without its document (asleep, or loading again) a room has no news but presence; while it is
  // busy, who has drained waits like everybody.
  const bool serves =
      state_ == State::live || state_ == State::asleep || (state_ == State::loading && member->in);
  if (member->lagging && serves &&
      member->outlet->queued_bytes() <= services_.limits.reader_bytes / 2) {
    catch_up(*member);
    give_up_if_broken();
  }
}

void Room::catch_up(Member& member) {
  member.lagging = false;
  const std::vector<uint8_t> seen = std::move(member.seen);
  const std::vector<PresenceNews> news = presence_.since(member.seen_presence);
  // A diff larger than the bound makes the member lag anew: were it sent without news, it would be
  // sent again for ever.
  const bool missed = member.seen_version != residence_.version();
  if (missed && (member.wants & FRESHET_WANT_UPDATES) != 0) {
    if (const Status status = send_diff(member, FRESHET_UPDATE, seen); status != Status::ok) {
      return reject(member, status);
    }
  }
  if (news.empty() || (member.wants & FRESHET_WANT_PRESENCE) == 0) return;
  send_presence(member, news, false);
}

}  // namespace freshet
