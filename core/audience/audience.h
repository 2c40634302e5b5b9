// core/audience/audience.h: all that goes out to the members of one room.
//
// A delivery is encoded once for each wire and variant and sent to many. What says that something
// is saved waits until it is. A member that reads too slowly is sent no more updates: once it has
// drained it gets what it lacks as one difference, and the latest presence; what cannot be made up
// for is sent to it all the same, until it is cut off.
//
// Lives on the room's shard, owned by the room; reads its document and its presence.
#pragma once

#include <string>
#include <vector>

#include "core/audience/encodings.h"
#include "core/audience/held_deliveries.h"
#include "core/audience/members.h"
#include "core/audience/shared_diff.h"
#include "core/presence/presence.h"
#include "core/residence/residence.h"
#include "core/residence/room_services.h"

namespace freshet {

class Audience {
 public:
  // All outlive it.
  Audience(RoomServices& services, const std::string& room, const Members& members,
           Residence& residence, const Presence& presence);
  Audience(const Audience&) = delete;
  Audience& operator=(const Audience&) = delete;

  // To one, in its own name if it is in nobody's.
  void send(Member& to, const freshet_delivery& delivery);
  void send_event(const freshet_delivery& event);
  // An update that has just changed the document, and is on its way to the journal. `from` hears
  // that it is saved; null: its session has ended, or no member of the room wrote it.
  void send_update(const freshet_delivery& update, const freshet_applied& applied, Member* from,
                   uint64_t ticket);
  // The same for one that changed nothing.
  void acknowledge(Member& from, Bytes update, uint64_t ticket);

  // What was only renewed is no news on a wire where nothing is forgotten for not being renewed.
  // `from` null: nobody has said it.
  void send_presence(const std::vector<PresenceNews>& news, const Member* from);
  void send_presence_to(Member& to, const std::vector<PresenceNews>& news, bool whole = false);

  // All that a member at `state_vector` lacks, once all of it is saved; `document` says what became
  // of the document for it. Those who ask the same before the document changes share one encoding.
  // REQUIRES: the document is in memory.
  Status send_diff(Member& to, uint32_t kind, Bytes state_vector, uint8_t document = 0);
  bool has_diff(const Member& to, uint32_t kind, Bytes state_vector, uint8_t document) const;
  // One that was made elsewhere, of the document as it is.
  void send_made_diff(Member& to, uint32_t kind, Bytes state_vector, uint8_t document,
                      std::vector<uint8_t> update);
  bool was_just_given(uint32_t format, Bytes update) const {
    return diff_.was_given(format, update);
  }
  // The document leaves memory.
  void forget_diff() { diff_.forget(); }

  // ---- those who are behind ----
  // It wants updates from now on, and was given what was in `opened`: the rest is sent at once, or
  // when it catches up.
  Status begin_behind(Member& to, const StateVector& opened);
  // Has read enough of what it was sent to be sent what it lacks.
  bool may_catch_up(const Member& member) const;
  Status catch_up(Member& member);

  // ---- what waits for the journal ----
  void send_saved();
  void forget_held() { held_.clear(); }  // nothing of what they wait for will be saved
  bool holds_any() const { return !held_.empty(); }
  size_t held_bytes() const { return held_.bytes(); }

  void tick(uint64_t now_ms);

 private:
  const Frames* encoded_for(Member& to, const freshet_delivery& delivery);
  void send_encoded(Member& to, const freshet_delivery& delivery);
  void send_frames(Member& to, const Frames& frames);
  void send_when_saved(Member& to, const freshet_delivery& delivery);
  void hold(Member& to, const Frames& frames);
  void confirm(Member& from, Bytes update, uint64_t ticket);
  void put_diff(Member& to, uint32_t kind, Bytes state_vector, uint8_t document,
                std::vector<uint8_t> update);
  void note_lag(Member& member);

  RoomServices& services_;
  const Members& members_;
  Residence& residence_;
  const Presence& presence_;
  Encodings encodings_;  // of the delivery at hand
  HeldDeliveries held_;
  SharedDiff diff_;
};

}  // namespace freshet
