#include "core/audience/fan_out.h"

#include <algorithm>
#include <utility>

namespace freshet {
namespace {

// REQUIRES: it is joined, or a single update.
freshet_delivery joined_delivery(const UpdateRun& run) {
  freshet_delivery delivery = delivery_of(FRESHET_UPDATE, run.joined());
  delivery.from = run.source();
  return delivery;
}

// For those who have been told all of it before.
PresenceBatch batch_of(const std::vector<PresenceChanges::News>& news, bool renewed) {
  PresenceBatch batch;
  for (const PresenceChanges::News& each : news) {
    if (!each.came_and_went && (renewed || !each.news.renewed)) batch.add(each.news, each.user);
  }
  return batch;
}

// For one who was told all at once since, or is not told of itself.
PresenceBatch own_batch_of(const std::vector<PresenceChanges::News>& news, const Member& of) {
  const freshet_traits& traits = of.spec.wire->traits;
  PresenceBatch batch;
  for (const PresenceChanges::News& each : news) {
    const bool self = each.news.from == of.spec.id;
    const bool told = !self && each.news.version <= of.knows_presence;
    const bool came = self || each.came_version > of.knows_presence;
    const bool renewed = each.news.renewed && traits.presence_ttl_ms == 0;
    const bool own = self && traits.presence_echo == 0;
    if (told || renewed || own || (each.came_and_went && came)) continue;
    PresenceNews one = each.news;
    one.arrived = one.arrived && came;
    batch.add(one, each.user);
  }
  return batch;
}

}  // namespace

// ---- what is sent

void FanOut::begin(Window& window, const Contribution* lent) {
  address();
  for (Window::Item& item : window.take_items()) pack(std::move(item));
  if (lent != nullptr) pack(UpdateRun::lent(*lent));
  if (window.has_presence()) pack_presence(window.presence());
}

void FanOut::address() {
  next_ = 0;
  for (const Member* member : members_.all()) {
    if (member->reachable()) to_.push_back(member->spec.id);
  }
}

// What the engine does not join goes as it came.
void FanOut::pack(Window::Item item) {
  auto* run = std::get_if<UpdateRun>(&item);
  if (run == nullptr || run->join(services_.crdt) == Status::ok) {
    parcels_.emplace_back(services_, room_, std::move(item));
    return;
  }
  for (UpdateRun& each : run->split()) {
    static_cast<void>(each.join(services_.crdt));  // of one there is nothing to join
    parcels_.emplace_back(services_, room_, std::move(each));
  }
}

// It is encoded here and now, as it changes while this is under way.
void FanOut::pack_presence(PresenceChanges& changes) {
  const uint64_t first_version = changes.first_version();
  const std::vector<PresenceChanges::News> news = changes.take(presence_);
  presence_first_ = std::ranges::any_of(news, [](const auto& each) { return each.news.arrived; });
  const PresenceBatch whole = batch_of(news, true), changed = batch_of(news, false);
  for (const MemberId id : to_) {
    Member* member = members_.find(id);
    if (member == nullptr || (member->wants & FRESHET_WANT_PRESENCE) == 0) continue;
    const freshet_traits& traits = member->spec.wire->traits;
    if (traits.presence_echo == 0 || member->knows_presence >= first_version) {
      pack_own_presence(*member, news);
      continue;
    }
    const bool forgets = traits.presence_ttl_ms != 0;
    const PresenceBatch& batch = forgets ? whole : changed;
    if (batch.empty()) continue;
    Encodings& encodings = forgets ? whole_presence_ : changed_presence_;
    static_cast<void>(encodings.for_member(batch.delivery(), *member));
  }
}

void FanOut::pack_own_presence(Member& member, const std::vector<PresenceChanges::News>& news) {
  const PresenceBatch batch = own_batch_of(news, member);
  Frames& frames = own_presence_[member.spec.id];
  if (batch.empty()) return;
  Encodings own(services_, room_);
  if (const Frames* made = own.for_member(batch.delivery(), member)) frames = *made;
}

// ---- to whom

void FanOut::send_to(size_t count) {
  const size_t end = next_ + std::min(count, to_.size() - next_);
  for (; next_ < end; ++next_) {
    Member* to = members_.find(to_[next_]);
    if (to != nullptr && to->reachable()) send_all_to(*to);
  }
  if (!under_way()) return forget();
  static_cast<void>(seen());  // before the document goes on
}

void FanOut::forget() {
  to_.clear();
  next_ = 0;
  parcels_.clear();
  whole_presence_.clear();
  changed_presence_.clear();
  own_presence_.clear();
  seen_.reset();
  presence_first_ = false;
}

const Result<Dispatch::Seen>& FanOut::seen() {
  if (!seen_) seen_.emplace(dispatch_.seen());
  return *seen_;
}

void FanOut::send_all_to(Member& to) {
  if (presence_first_) send_presence(to);
  for (Parcel& parcel : parcels_) {
    if (auto* run = std::get_if<UpdateRun>(&parcel.item)) {
      send(to, *run, parcel.encodings);
      continue;
    }
    // It cannot be made up for later: it goes to the slow as well, who are cut off in the end.
    const auto& event = std::get<RoomEvent>(parcel.item);
    if ((to.wants & FRESHET_WANT_EVENTS) == 0 || !event.is_for(to.spec.id)) continue;
    send_encoded(to, event.delivery(), parcel.encodings, false);
  }
  if (!presence_first_) send_presence(to);
  if (!to.lagging && !to.closing && dispatch_.over_bound(to)) dispatch_.begin_lag(to, seen());
}

void FanOut::send(Member& to, UpdateRun& run, Encodings& encodings) {
  if (to.lagging || (to.wants & FRESHET_WANT_UPDATES) == 0) return;
  const MemberId id = to.spec.id;
  if (run.is_all_of(id)) return;
  const bool reads_echoes = to.spec.wire->traits.saved == FRESHET_SAVED_ECHO;
  const bool when_saved = reads_echoes && run.may_hold_content_of(to.author, id);
  if (reads_echoes && run.has_part_of(id)) return send_others_part(to, run, when_saved);
  send_encoded(to, joined_delivery(run), encodings, when_saved);
}

void FanOut::send_others_part(Member& to, const UpdateRun& run, bool when_saved) {
  std::vector<uint8_t> others;
  const Status status = run.joined_without(services_.crdt, to.spec.id, others);
  if (status != Status::ok) return send_one_by_one(to, run, when_saved);
  Encodings own(services_, room_);
  send_encoded(to, delivery_of(FRESHET_UPDATE, others), own, when_saved);
}

void FanOut::send_one_by_one(Member& to, const UpdateRun& run, bool when_saved) {
  for (const UpdateRun& each : run.split()) {
    if (each.has_part_of(to.spec.id)) continue;
    Encodings own(services_, room_);
    send_encoded(to, joined_delivery(each), own, when_saved);
  }
}

// The encoding is shared by all of one wire and variant.
void FanOut::send_encoded(Member& to, const freshet_delivery& delivery, Encodings& encodings,
                          bool when_saved) {
  const Frames* frames = encodings.for_member(delivery, to);
  if (frames == nullptr) return;
  when_saved ? dispatch_.send_when_saved(to, *frames) : dispatch_.send(to, *frames);
}

void FanOut::send_presence(Member& to) {
  if (to.lagging || (to.wants & FRESHET_WANT_PRESENCE) == 0) return;
  if (const auto own = own_presence_.find(to.spec.id); own != own_presence_.end()) {
    return dispatch_.send(to, own->second);
  }
  const bool forgets = to.spec.wire->traits.presence_ttl_ms != 0;
  const Frames* frames = (forgets ? whole_presence_ : changed_presence_).find(to.spec);
  if (frames != nullptr) dispatch_.send(to, *frames);
}

}  // namespace freshet
