// core/audience/audience.h: all that goes out to the members of one room.
//
// What is for everybody (updates, events, presence) leaves in windows: at the end of the shard's
// turn if the room has been quiet, else when its window is over, as one (core/windows/pace.h).
// In a shard that is behind with its work presence has windows of its own, longer ones. Answers do
// not wait. A delivery is encoded once for each wire and variant and sent to many. What
// says that something is saved waits until it is. A member that reads too slowly is sent no more
// updates: once it has drained it gets what it lacks as one difference, and the latest presence;
// what cannot be made up for is sent to it all the same, until it is cut off.
//
// Lives on the room's shard, owned by the room; reads its document and its presence. Must not be
// destroyed before at_rest().
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/audience/dispatch.h"
#include "core/audience/encodings.h"
#include "core/audience/fan_out.h"
#include "core/audience/first_states.h"
#include "core/audience/members.h"
#include "core/audience/shared_diff.h"
#include "core/presence/presence.h"
#include "core/residence/residence.h"
#include "core/residence/room_services.h"
#include "core/windows/echoes.h"
#include "core/windows/pace.h"
#include "core/windows/presence_hold.h"
#include "core/windows/window.h"

namespace freshet {

class Audience {
 public:
  // Whose members they are: a room.
  class Owner {
   public:
    // A window is over: send_window().
    virtual void on_window() = 0;

   protected:
    ~Owner() = default;
  };

  // All outlive it.
  Audience(RoomServices& services, Owner& owner, const std::string& room, Members& members,
           Residence& residence, const Presence& presence);
  Audience(const Audience&) = delete;
  Audience& operator=(const Audience&) = delete;

  // To one, in its own name if it is in nobody's.
  void send(Member& to, const freshet_delivery& delivery);

  // ---- in windows ----
  void send_event(const freshet_delivery& event);
  void send_event_to(const Member& to, const freshet_delivery& event);
  // An update that has just changed the document, and is on its way to the journal. `from` hears
  // that it is saved; null: its session has ended, or no member of the room wrote it.
  void send_update(const Contribution& update, Member* from, uint64_t ticket);
  // What was only renewed is no news on a wire where nothing is forgotten for not being renewed.
  void send_presence(const std::vector<PresenceNews>& news);
  // What waits in the window; of many members, some, and the others in turns that follow.
  void send_window();
  // All of it at once: before the room closes.
  void send_all_windows();
  void forget_windows();  // nothing of it is sent any more
  // How long what is added now may wait to leave. 0: it leaves at once, or the shard is behind with
  // its work, which is no reason to be told later of what is saved.
  uint64_t patience_ns() const;
  // See Members::evict(): of those who have been sent what waits.
  void evict(uint64_t client, uint16_t code = FRESHET_CLOSE_DENIED,
             std::string_view reason = "sent away");
  // Nothing waits, and nothing is on its way.
  bool at_rest() const { return !armed_ && !presence_hold_.armed() && !has_to_send(); }

  // ---- to one ----
  // That an update which changed nothing is saved.
  void acknowledge(Member& from, Bytes update, uint64_t ticket);
  void send_presence_to(Member& to, const std::vector<PresenceNews>& news, bool whole = false);

  // All that a member at `state_vector` lacks, once all of it is saved; `document` says what became
  // of the document for it. Those who ask the same before the document changes share one encoding.
  // REQUIRES: the document is in memory.
  // `tells_saved`: of so many updates of its own.
  Status send_diff(Member& to, uint32_t kind, Bytes state_vector, uint8_t document = 0,
                   uint32_t tells_saved = 0);
  bool has_diff(const Member& to, uint32_t kind, Bytes state_vector, uint8_t document) const;
  // To one that lacks everything: what others were given a moment ago. What is missing in it is
  // sent before it to whoever is sent updates already, so that it has all when it has this; of one
  // that opens the document it is noted, see begin_behind(). False: there is no such thing.
  Result<bool> send_first_state(Member& to, Bytes state_vector, uint8_t document);
  // One that was made elsewhere, of the document as it is.
  void send_made_diff(Member& to, uint32_t kind, Bytes state_vector, uint8_t document,
                      std::vector<uint8_t> update);
  bool was_just_given(uint32_t format, Bytes update) const {
    return diff_.was_given(format, update);
  }
  // The document leaves memory.
  void forget_diff() {
    diff_.forget();
    first_states_.forget();
  }

  // ---- those who are behind ----
  // It wants updates from now on, and was given what was in `opened`: the rest is sent at once, or
  // when it catches up.
  Status begin_behind(Member& to, const StateVector& opened);
  // Has read enough of what it was sent to be sent what it lacks.
  bool may_catch_up(const Member& member) const;
  Status catch_up(Member& member);

  // ---- what waits for the journal ----
  void send_saved();
  void forget_held();  // nothing of what they wait for will be saved
  bool holds_any() const { return dispatch_.holds_any() || !echoes_.empty(); }
  size_t held_bytes() const { return dispatch_.held_bytes() + echoes_.bytes(); }

  void tick(uint64_t now_ms);

 private:
  void send_encoded(Member& to, const freshet_delivery& delivery);
  bool has_to_send() const { return !window_.empty() || fan_out_.under_way(); }
  void open_window();
  static void window_is_over(void* self);
  void send_all_but_held();
  void send_lent(const Contribution& update);
  void note_sent(uint64_t since_ns);
  void confirm(Member& from, Bytes update, bool joins, uint64_t ticket);
  void echo_when_saved(Member& to, Bytes update, bool joins);
  void send_echo(Member& to, std::span<const freshet_bytes> updates);
  void put_diff(Member& to, uint32_t kind, Bytes state_vector, uint8_t document,
                std::vector<uint8_t> update);
  void keep_first_state(const MemberSpec& by, uint8_t document, const Frames& frames);

  RoomServices& services_;
  Owner& owner_;
  Members& members_;
  Residence& residence_;
  const Presence& presence_;
  Encodings encodings_;  // of the delivery at hand
  Window window_;
  Dispatch dispatch_;
  Echoes echoes_;
  Pace pace_;
  FanOut fan_out_;
  PresenceHold presence_hold_;
  bool armed_ = false;       // on_window() is to come
  uint64_t window_ns_ = 0;   // the end of which that is
  uint64_t sending_ns_ = 0;  // what is on its way has taken so far
  SharedDiff diff_;
  FirstStates first_states_;
};

}  // namespace freshet
