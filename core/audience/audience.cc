#include "core/audience/audience.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/audience/presence_batch.h"
#include "core/windows/limits.h"
#include "core/windows/squash.h"
#include "freshet/abi/close.h"

namespace freshet {
namespace {

freshet_delivery addressed(freshet_delivery delivery, const Member& to) {
  delivery.to = to.spec.client;
  if (delivery.from.client == 0) delivery.from = source_of(to.spec);
  return delivery;
}

bool reads_echoes(const Member& member) {
  return member.spec.wire->traits.saved == FRESHET_SAVED_ECHO;
}

// As clients say it: nothing, or a count of clients that is 0.
bool lacks_all(Bytes state_vector) {
  return state_vector.empty() || (state_vector.size() == 1 && state_vector[0] == 0);
}

// A reader that falls behind has one more window in its queue than may wait there.
constexpr size_t kWindowsPerQueue = 4;

}  // namespace

Audience::Audience(RoomServices& services, Owner& owner, const std::string& room, Members& members,
                   Residence& residence, const Presence& presence)
    : services_(services),
      owner_(owner),
      members_(members),
      residence_(residence),
      presence_(presence),
      encodings_(services, room),
      window_(services.limits.reader_bytes / kWindowsPerQueue),
      dispatch_(services, members, residence, presence, window_),
      pace_(services.pace),
      fan_out_(services, room, members, presence, dispatch_),
      presence_hold_(services.loop, services.pace, window_, [this] {
        if (!window_.empty()) open_window();
      }) {}

// ---- one delivery to one member

void Audience::send_encoded(Member& to, const freshet_delivery& delivery) {
  if (const Frames* made = encodings_.for_member(delivery, to)) dispatch_.send(to, *made);
}

void Audience::send(Member& to, const freshet_delivery& delivery) {
  encodings_.clear();
  send_encoded(to, addressed(delivery, to));
}

// ---- windows

// What came first has the rest of the shard's turn for company, and a window if there is one.
void Audience::open_window() {
  dispatch_.set_behind(true);
  if (window_.full()) return send_all_but_held();
  if (std::exchange(armed_, true)) return;
  const Loop& loop = services_.loop;
  const Pace::Wait wait = pace_.wait(loop.now_ns(), members_.size());
  services_.metrics.note_window(wait.window_ns);
  window_ns_ = wait.window_ns;
  if (wait.ns == 0) return loop.post(window_is_over, this);
  loop.after_ns(wait.ns, window_is_over, this);
}

uint64_t Audience::patience_ns() const {
  if (services_.pace.least_window_ns() != 0) return 0;
  if (armed_) return window_ns_;
  return pace_.wait(services_.loop.now_ns(), members_.size()).window_ns;
}

void Audience::window_is_over(void* self) {
  auto& audience = *static_cast<Audience*>(self);
  const OnShard here(audience.services_.loop.shard());
  audience.owner_.on_window();
}

void Audience::send_window() {
  armed_ = false;
  if (!has_to_send()) return;  // it left already
  const uint64_t since_ns = services_.loop.now_ns();
  if (!fan_out_.under_way()) fan_out_.begin(window_);
  const uint64_t slice = kSliceNs / std::max(uint64_t{1}, services_.pace.ns_per_write());
  fan_out_.send_to(std::max(kLeastSlice, static_cast<size_t>(slice)));
  note_sent(since_ns);
}

void Audience::send_all_windows() {
  window_.hold_presence(false);
  send_all_but_held();
}

void Audience::send_all_but_held() {
  if (!has_to_send()) return;
  const uint64_t since_ns = services_.loop.now_ns();
  fan_out_.send_to(SIZE_MAX);
  if (!window_.empty()) {
    fan_out_.begin(window_);
    fan_out_.send_to(SIZE_MAX);
  }
  note_sent(since_ns);
}

void Audience::note_sent(uint64_t since_ns) {
  const Loop& loop = services_.loop;
  const uint64_t now_ns = loop.now_ns();
  sending_ns_ += now_ns - since_ns;
  services_.pace.note(now_ns, loop.writing_cost());
  if (fan_out_.under_way()) {
    armed_ = true;
    return loop.post(window_is_over, this);
  }
  pace_.note_sent(now_ns, members_.size(), std::exchange(sending_ns_, 0));
  dispatch_.set_behind(!window_.empty());
  if (!window_.empty()) open_window();
}

void Audience::forget_windows() {
  window_.clear();
  fan_out_.forget();
  dispatch_.set_behind(false);
}

void Audience::evict(uint64_t client, uint16_t code, std::string_view reason) {
  send_all_windows();
  members_.evict(client, code, reason);
}

void Audience::send_event(const freshet_delivery& event) {
  window_.add(RoomEvent(event));
  open_window();
}

void Audience::send_event_to(const Member& to, const freshet_delivery& event) {
  window_.add(RoomEvent(addressed(event, to), to.spec.id));
  open_window();
}

void Audience::send_presence(const std::vector<PresenceNews>& news) {
  if (news.empty()) return;
  const bool leaves = window_.has_presence();
  for (const PresenceNews& each : news) window_.add(each, members_.user_of(each.from));
  if (!leaves) presence_hold_.decide();
  if (!window_.empty()) open_window();
}

// ---- updates

void Audience::send_update(const Contribution& update, Member* from, uint64_t ticket) {
  // What a slow reader catches up with holds its own edits too, and so echoes them: those that came
  // when it lagged already. One that begins to lag with this very update is to be echoed it.
  if (from != nullptr) {
    ++from->sent;
    if (from->lagging && reads_echoes(*from)) {
      ++from->unechoed;
    } else {
      confirm(*from, update.update, update.applied.whole != 0, ticket);
    }
  }
  if (RoomWatch* watch = members_.watch()) watch->on_update(update, from);
  const size_t speakers = from == nullptr ? 0 : 1;
  if (members_.all().size() <= speakers) return;  // nobody else hears it
  if (window_.is_large(update.update.size())) return send_lent(update);
  window_.add(update);
  open_window();
}

// A large one waits for no company, and is not copied. What is in the window goes with it, not
// before it: the document has it already, so whoever fell behind in between would never be sent it.
void Audience::send_lent(const Contribution& update) {
  dispatch_.set_behind(true);
  const uint64_t since_ns = services_.loop.now_ns();
  fan_out_.send_to(SIZE_MAX);
  fan_out_.begin(window_, &update);
  fan_out_.send_to(SIZE_MAX);
  note_sent(since_ns);
}

void Audience::acknowledge(Member& from, Bytes update, uint64_t ticket) {
  ++from.sent;
  confirm(from, update, false, ticket);
}

void Audience::confirm(Member& from, Bytes update, bool joins, uint64_t ticket) {
  from.told_refused = Status::ok;
  const uint32_t mode = from.spec.wire->traits.saved;
  if (mode == FRESHET_SAVED_SILENT || (from.wants & FRESHET_WANT_SAVED) == 0) return;
  if (mode == FRESHET_SAVED_ECHO) return echo_when_saved(from, update, joins);
  freshet_delivery delivery{};
  delivery.kind = FRESHET_SAVED;
  delivery.ticket = ticket;
  encodings_.clear();
  const Frames* frames = encodings_.for_member(delivery, from);
  if (frames != nullptr) dispatch_.send_when_saved(from, *frames, 1);
}

void Audience::echo_when_saved(Member& to, Bytes update, bool joins) {
  if (residence_.saved().all()) return send_echo(to, std::array{to_c(update)});
  if (to.held_bytes > services_.limits.reader_hard_bytes) {
    return to.close(FRESHET_CLOSE_OVERLOADED, "too much is waiting to be saved");
  }
  to.held_bytes += update.size();
  echoes_.push(residence_.saved().awaited(), to.spec.id, update, joins);
}

// What was saved together comes back together.
void Audience::send_echo(Member& to, std::span<const freshet_bytes> updates) {
  std::vector<uint8_t> joined;
  if (updates.size() > 1 && squash(services_.crdt, updates, joined) != Status::ok) {
    for (const freshet_bytes& each : updates) send_echo(to, {&each, 1});
    return;
  }
  to.told_saved += updates.size();
  encodings_.clear();
  send_encoded(to,
               delivery_of(FRESHET_UPDATE, updates.size() > 1 ? joined : view(updates.front())));
}

void Audience::send_saved() {
  dispatch_.send_saved();
  echoes_.take(residence_.saved().through(), [&](MemberId id, std::span<const freshet_bytes> own) {
    Member* to = members_.find(id);
    if (to == nullptr) return;
    for (const freshet_bytes& each : own) to->held_bytes -= each.size;
    send_echo(*to, own);
  });
}

void Audience::forget_held() {
  dispatch_.forget_held();
  echoes_.clear();
}

// ---- to one

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

Status Audience::send_diff(Member& to, uint32_t kind, Bytes state_vector, uint8_t document,
                           uint32_t tells_saved) {
  if (!has_diff(to, kind, state_vector, document)) {
    std::vector<uint8_t> update;
    FRESHET_CHECK(residence_.diff(state_vector, update));
    put_diff(to, kind, state_vector, document, std::move(update));
  }
  dispatch_.send_when_saved(to, diff_.frames(), tells_saved);
  return Status::ok;
}

void Audience::send_made_diff(Member& to, uint32_t kind, Bytes state_vector, uint8_t document,
                              std::vector<uint8_t> update) {
  put_diff(to, kind, state_vector, document, std::move(update));
  dispatch_.send_when_saved(to, diff_.frames());
}

void Audience::put_diff(Member& to, uint32_t kind, Bytes state_vector, uint8_t document,
                        std::vector<uint8_t> update) {
  freshet_delivery delivery = delivery_of(kind, update);
  delivery.document = document;
  const Result<StateVector> here = residence_.state_vector();
  if (here) delivery.state_vector = to_c(here->bytes());
  encodings_.clear();
  diff_.let_go();
  const Frames* frames = encodings_.for_member(delivery, to);
  if (frames == nullptr) return;  // the next to ask is not to be given nothing
  const bool long_first = kind == FRESHET_DIFF && lacks_all(state_vector) &&
                          update.size() >= services_.limits.turn_bytes;
  if (long_first) keep_first_state(to.spec, document, *frames);
  diff_.put({residence_.version(), kind, document, state_vector, to.spec}, std::move(update),
            *frames);
}

void Audience::keep_first_state(const MemberSpec& by, uint8_t document, const Frames& frames) {
  Result<StateVector> here = residence_.state_vector();
  if (!here) return;  // the next is given one of its own
  first_states_.put(by, document, *std::move(here), frames, services_.now_ms);
}

Result<bool> Audience::send_first_state(Member& to, Bytes state_vector, uint8_t document) {
  const bool follows = (to.wants & FRESHET_WANT_UPDATES) != 0;
  const bool opens = document != FRESHET_DOCUMENT_UNKNOWN;
  if (!lacks_all(state_vector) || (!follows && !opens)) return false;
  const FirstStates::FirstState* first = first_states_.find(to.spec, document);
  if (first == nullptr) return false;
  if (!follows) {
    to.opened = first->of;
  } else if (first->of.version() != residence_.version()) {
    FRESHET_CHECK(send_diff(to, FRESHET_UPDATE, first->of.bytes()));
  }
  dispatch_.send_when_saved(to, first->frames);
  return true;
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

bool Audience::may_catch_up(const Member& member) const {
  return member.lagging && member.outlet->queued_bytes() <= services_.reader_bytes() / 2;
}

Status Audience::catch_up(Member& member) {
  member.lagging = false;
  services_.metrics.lag_now.add(-1);
  const StateVector seen = std::move(member.seen);
  const std::vector<PresenceNews> news = presence_.since(member.seen_presence);
  // A diff larger than the bound makes the member lag anew: were it sent without news, it would be
  // sent again for ever.
  const bool missed = seen.version() != residence_.version();
  if (missed && (member.wants & FRESHET_WANT_UPDATES) != 0) {
    FRESHET_CHECK(
        send_diff(member, FRESHET_UPDATE, seen.bytes(), 0, std::exchange(member.unechoed, 0)));
  }
  if (news.empty() || (member.wants & FRESHET_WANT_PRESENCE) == 0) return Status::ok;
  member.knows_presence = presence_.version();
  send_presence_to(member, news);
  return Status::ok;
}

// ---- now and then

void Audience::tick(uint64_t now_ms) {
  diff_.let_go();
  encodings_.clear();
  first_states_.tick(now_ms);
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
