// core/audience/dispatch.h: how frames reach one member of a room: at once, or when all that the
// document has now is saved.
//
// A member whose queue is over its bound lags from then on. What it has seen is told by the state
// of the document, so that this waits until it was sent all that is in there.
//
// Lives on the room's shard, owned by the room.
#pragma once

#include "core/audience/member.h"
#include "core/audience/members.h"
#include "core/presence/presence.h"
#include "core/residence/residence.h"
#include "core/residence/room_services.h"
#include "core/windows/held_deliveries.h"
#include "core/windows/window.h"

namespace freshet {

class Dispatch {
 public:
  // All outlive it.
  Dispatch(RoomServices& services, const Members& members, Residence& residence,
           const Presence& presence, const Window& window)
      : services_(services),
        members_(members),
        residence_(residence),
        presence_(presence),
        window_(window) {}
  Dispatch(const Dispatch&) = delete;
  Dispatch& operator=(const Dispatch&) = delete;

  void send(Member& to, const Frames& frames);
  // `tells_saved`: so many updates of its own.
  void send_when_saved(Member& to, const Frames& frames, uint32_t tells_saved = 0);
  // What waited for what is saved now.
  void send_saved();
  void forget_held() { held_.clear(); }
  bool holds_any() const { return !held_.empty(); }
  size_t held_bytes() const { return held_.bytes(); }

  // Members are still to be sent something of the document: from now on, or no more.
  void set_behind(bool behind) { behind_ = behind; }
  bool over_bound(const Member& member) const {
    return member.outlet->queued_bytes() > services_.reader_bytes();
  }
  // Where the document is, for those who were sent all of it, and presence but for what is held.
  // Otherwise than Status::ok: it cannot be kept.
  struct Seen {
    StateVector state_vector;
    uint64_t presence_version;
  };
  Result<Seen> seen();
  void begin_lag(Member& member, const Result<Seen>& seen);

 private:
  RoomServices& services_;
  const Members& members_;
  Residence& residence_;
  const Presence& presence_;
  const Window& window_;
  HeldDeliveries held_;
  bool behind_ = false;
};

}  // namespace freshet
