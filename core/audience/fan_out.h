// core/audience/fan_out.h: a window on its way to the members of a room, some of them at a time.
//
// Whoever wrote in it, and is told that it is saved by its coming back, is given what the others
// wrote. What may hold somebody's own content otherwise waits until that is saved
// (docs/adr/0007). Who comes while it is under way needs nothing of it; who goes gets no more.
//
// Lives on the room's shard, owned by the room.
#pragma once

#include <list>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/audience/dispatch.h"
#include "core/audience/encodings.h"
#include "core/audience/members.h"
#include "core/audience/presence_batch.h"
#include "core/residence/room_services.h"
#include "core/windows/window.h"

namespace freshet {

class FanOut {
 public:
  // All outlive it.
  FanOut(RoomServices& services, const std::string& room, const Members& members,
         const Presence& presence, Dispatch& dispatch)
      : services_(services),
        room_(room),
        members_(members),
        presence_(presence),
        dispatch_(dispatch),
        whole_presence_(services, room),
        changed_presence_(services, room) {}
  FanOut(const FanOut&) = delete;
  FanOut& operator=(const FanOut&) = delete;

  // Takes what is to leave the window, and behind it an update whose bytes stay for as long as this
  // is under way; all of it is on its way from now on. REQUIRES: !under_way().
  void begin(Window& window, const Contribution* lent = nullptr);
  void forget();  // the rest of it is not sent
  bool under_way() const { return next_ < to_.size(); }
  // To as many members more.
  void send_to(size_t count);

 private:
  struct Parcel {
    Parcel(RoomServices& services, const std::string& room, Window::Item is)
        : item(std::move(is)), encodings(services, room) {}
    Window::Item item;
    Encodings encodings;
  };

  void address();
  void pack(Window::Item item);
  void pack_presence(PresenceChanges& changes);
  void pack_own_presence(Member& member, const std::vector<PresenceChanges::News>& news);
  void send_all_to(Member& to);
  void send(Member& to, UpdateRun& run, Encodings& encodings);
  void send_others_part(Member& to, const UpdateRun& run, bool when_saved);
  void send_one_by_one(Member& to, const UpdateRun& run, bool when_saved);
  void send_encoded(Member& to, const freshet_delivery& delivery, Encodings& encodings,
                    bool when_saved);
  void send_presence(Member& to);
  const Result<Dispatch::Seen>& seen();

  RoomServices& services_;
  const std::string& room_;
  const Members& members_;
  const Presence& presence_;
  Dispatch& dispatch_;

  std::vector<MemberId> to_;
  size_t next_ = 0;
  std::list<Parcel> parcels_;
  Encodings whole_presence_, changed_presence_;  // for wires that forget who is not renewed; others
  std::unordered_map<MemberId, Frames> own_presence_;  // of those who are told something else
  bool presence_first_ = false;  // somebody has come, who may have said something since
  std::optional<Result<Dispatch::Seen>> seen_;  // by those who have been sent all of it
};

}  // namespace freshet
