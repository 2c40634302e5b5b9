#include "core/audience/fan_out.h"

#include <algorithm>
#include <utility>

#include "freshet/abi/close.h"

namespace freshet {
namespace {

freshet_delivery delivery_of(Bytes update, const freshet_source& from) {
  freshet_delivery delivery{};
  delivery.kind = FRESHET_UPDATE;
  delivery.format = FRESHET_UPDATE_V1;
  delivery.bytes = to_c(update);
  delivery.from = from;
  return delivery;
}

PresenceBatch batch_of(const std::vector<PresenceChanges::News>& news, bool renewed,
                       std::optional<MemberId> but) {
  PresenceBatch batch;
  for (const PresenceChanges::News& each : news) {
    if ((!renewed && each.news.renewed) || (but && each.news.from == *but)) continue;
    batch.add(each.news, each.user);
  }
  return batch;
}

}  // namespace

// ---- what is sent

void FanOut::begin(Window& window, const Contribution* lent) {
  address();
  for (Window::Item& item : window.take_items()) pack(std::move(item));
  if (lent != nullptr) pack(UpdateRun::lent(*lent));
  if (!window.presence().empty()) pack_presence(window.presence());
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
  const std::vector<PresenceChanges::News> news = changes.take(presence_);
  presence_first_ = std::ranges::any_of(news, [](const auto& each) { return each.news.arrived; });
  const PresenceBatch whole = batch_of(news, true, {}), changed = batch_of(news, false, {});
  for (const MemberId id : to_) {
    Member* member = members_.find(id);
    if (member == nullptr || (member->wants & FRESHET_WANT_PRESENCE) == 0) continue;
    pack_presence_for(*member, news, whole, changed);
  }
}

void FanOut::pack_presence_for(Member& member, const std::vector<PresenceChanges::News>& news,
                               const PresenceBatch& whole, const PresenceBatch& changed) {
  const freshet_traits& traits = member.spec.wire->traits;
  const bool forgets = traits.presence_ttl_ms != 0;
  if (traits.presence_echo == 0) {
    if (member.lagging) return;
    const PresenceBatch others = batch_of(news, forgets, member.spec.id);
    Encodings own(services_, room_);
    if (!others.empty()) send_encoded(member, others.delivery(), own, false);
    return;
  }
  const PresenceBatch& batch = forgets ? whole : changed;
  if (batch.empty()) return;
  Encodings& encodings = forgets ? whole_presence_ : changed_presence_;
  if (encodings.of(batch.delivery(), member.spec) == nullptr) {
    member.close(FRESHET_CLOSE_INTERNAL, "internal error");
  }
}

// ---- to whom

void FanOut::send_to(size_t count) {
  const size_t end = std::min(to_.size(), next_ + count);
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
    } else if ((to.wants & FRESHET_WANT_EVENTS) != 0) {
      // It cannot be made up for later: it goes to the slow as well, who are cut off in the end.
      const auto& event = std::get<RoomEvent>(parcel.item);
      send_encoded(to, event.delivery(), parcel.encodings, false);
    }
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
  send_encoded(to, delivery_of(run.joined(), run.source()), encodings, when_saved);
}

void FanOut::send_others_part(Member& to, const UpdateRun& run, bool when_saved) {
  std::vector<uint8_t> others;
  const Status status = run.joined_without(services_.crdt, to.spec.id, others);
  if (status != Status::ok) return send_one_by_one(to, run, when_saved);
  Encodings own(services_, room_);
  send_encoded(to, delivery_of(others, {}), own, when_saved);
}

void FanOut::send_one_by_one(Member& to, const UpdateRun& run, bool when_saved) {
  for (const UpdateRun& each : run.split()) {
    if (each.has_part_of(to.spec.id)) continue;
    Encodings own(services_, room_);
    send_encoded(to, delivery_of(each.joined(), each.source()), own, when_saved);
  }
}

// The encoding is shared by all of one wire and variant. One whose wire fails is sent away, as
// whoever cannot be given it would miss something without knowing.
void FanOut::send_encoded(Member& to, const freshet_delivery& delivery, Encodings& encodings,
                          bool when_saved) {
  const Frames* frames = encodings.of(delivery, to.spec);
  if (frames == nullptr) return to.close(FRESHET_CLOSE_INTERNAL, "internal error");
  when_saved ? dispatch_.send_when_saved(to, *frames) : dispatch_.send(to, *frames);
}

void FanOut::send_presence(Member& to) {
  if (to.lagging || (to.wants & FRESHET_WANT_PRESENCE) == 0) return;
  if (to.spec.wire->traits.presence_echo == 0) return;  // has been sent it
  const bool forgets = to.spec.wire->traits.presence_ttl_ms != 0;
  const Frames* frames = (forgets ? whole_presence_ : changed_presence_).find(to.spec);
  if (frames != nullptr) dispatch_.send(to, *frames);
}

}  // namespace freshet
