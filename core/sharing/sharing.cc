#include "core/sharing/sharing.h"

#include <bit>
#include <utility>

namespace freshet {

Sharing::Sharing(const Parts& parts)
    : parts_(parts),
      tail_(parts.services, parts.room, parts.owner, parts.residence, *this),
      people_(parts.services, parts.presence, parts.members, parts.audience) {
  RoomServices& services = parts.services;
  if (!services.bus.there()) return;
  counterparts_.emplace(services.bus, services.loop, services.self, parts.room, people_);
}

void Sharing::open(std::function<void()> done) {
  if (!counterparts_) return done();
  RoomServices& services = parts_.services;
  counterparts_->open(++services.streams, [this, &services, done = std::move(done)] {
    services.openings.open(parts_.room, done);
  });
}

// ---- the log

void Sharing::note_appended(const Stored& stored) {
  tail_.note_appended(stored);
  if (counterparts_) counterparts_->say_stored(parts_.residence.history().epoch, stored);
}

void Sharing::note_end(const LogEnd& end) {
  // One that is loading is told by what is loaded.
  const RoomState state = parts_.state;
  if (state != RoomState::live && state != RoomState::busy && state != RoomState::asleep) return;
  tail_.note_end(end);
  go_on();
}

// Rows that are missing wake a room that sleeps.
void Sharing::go_on() {
  if (parts_.state == RoomState::asleep && tail_.behind()) parts_.owner.touch();
  parts_.owner.on_tail();
}

// Apps heard of it where it was written.
void Sharing::tell_others(Bytes update, const freshet_source& by, const freshet_applied& applied) {
  parts_.services.metrics.of_others.add();
  parts_.audience.send_update({update, by, 0, applied}, nullptr, 0);
  parts_.refusals.note_contradiction(nullptr, applied);
  parts_.residence.compact_if_due();
}

// ---- what the others say

// One that could not be loaded may be loaded yet, and then shows whom it knows: of who comes and
// goes it goes on to hear.
Counterparts::Heard Sharing::ears() {
  return [this](const freshet_writer& by, const bus::Part& part) {
    std::visit([&](const auto& each) { hear(by, each); }, part);
  };
}

void Sharing::hear(Bytes message) { counterparts_->hear(message, ears()); }

void Sharing::doubt_last_rows() { tail_.doubt_last_rows(); }

// The database may be another one than before.
void Sharing::ask() {
  counterparts_->ask();
  tail_.doubt_last_rows();
}

void Sharing::forget(const freshet_node& node) { counterparts_->forget(node, ears()); }

void Sharing::keep(const std::vector<freshet_node>& living) { counterparts_->keep(living, ears()); }

void Sharing::show_anew() { counterparts_->show_all(true); }

void Sharing::hear(const freshet_writer& by, const bus::Edit& edit) {
  if (parts_.state != RoomState::live) return;
  tail_.hear(by, edit);
  go_on();
}

void Sharing::hear(const freshet_writer& by, const bus::Stored& stored) {
  if (parts_.state == RoomState::failed) return;
  if (parts_.state == RoomState::loading) return tail_.hear_while_loading(stored.last_seq);
  tail_.hear(by, stored);
  go_on();
}

void Sharing::hear(const freshet_writer& by, const bus::Person& person) {
  if (const auto said = people_.hear(by, person)) counterparts_->say(*said);
}

void Sharing::hear(const freshet_writer&, const bus::Event& event) {
  parts_.audience.send_event(bus::delivery_of(event));
}

void Sharing::hear(const freshet_writer&, const bus::Here& here) { people_.hear(here); }

void Sharing::hear(const freshet_writer& by, const bus::Gone&) { people_.forget(by); }

void Sharing::hear(const freshet_writer& by, const bus::Digest& digest) {
  if (people_.hear(by, digest)) {
    differences_ = 0;
    return;
  }
  // What never agrees is asked for ever more seldom.
  if (std::has_single_bit(++differences_)) counterparts_->ask();
}

void Sharing::hear(const freshet_writer&, const bus::Evict& evict) {
  parts_.audience.evict(evict.client);
}

void Sharing::hear(const freshet_writer&, const bus::Replaced&) {
  const RoomState state = parts_.state;
  if (state == RoomState::loading || state == RoomState::failed || state == RoomState::closing) {
    return;
  }
  tail_.doubt();
  go_on();
}

void Sharing::tick(uint64_t now_ms) {
  tail_.tick();
  parts_.owner.on_tail();
  if (!counterparts_) return;
  counterparts_->tick(now_ms, ears());
  people_.forget_unshown();
}

}  // namespace freshet
