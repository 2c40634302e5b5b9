// core/rooms/people.h: what the members of a room show of themselves, and who is told.
//
// Some wires bring entries with clocks of their own; on others the room keeps what a user shows,
// over all of its sessions and for a while after the last has gone. The room's people at other
// nodes are told, too. Lives on the room's shard, owned by the room.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/audience/audience.h"
#include "core/audience/members.h"
#include "core/audience/refusals.h"
#include "core/presence/presence.h"
#include "core/presence/user_presence.h"
#include "core/residence/room_services.h"
#include "core/rooms/app_feed.h"
#include "core/sharing/counterparts.h"
#include "core/sharing/people_elsewhere.h"

namespace freshet {

class People {
 public:
  // All outlive it. `others`: null for a server on its own.
  People(RoomServices& services, Presence& presence, Members& members, Audience& audience,
         Refusals& refusals, AppFeed& apps, Counterparts* others)
      : services_(services),
        presence_(presence),
        members_(members),
        audience_(audience),
        refusals_(refusals),
        apps_(apps),
        others_(others) {}
  People(const People&) = delete;
  People& operator=(const People&) = delete;

  void submit(Member& from, std::span<const freshet_presence> entries);
  void note_edit(Member& from);  // it has sent some of the document
  void show(Member& from, Bytes change);
  // Everybody who is there.
  void send_all(Member& to) {
    to.knows_presence = presence_.version();
    audience_.send_presence_to(to, presence_.all(), true);
  }
  std::vector<PresenceNews> all() const { return presence_.all(); }

  // What the room shows for the user of a session that comes; empty: nothing.
  std::string_view shown(const MemberSpec& coming) const {
    return users_.shown(coming.wire->index, coming.user_id);
  }
  uint64_t changed_unix_ms(const MemberSpec& coming) const {
    return users_.changed_unix_ms(coming.wire->index, coming.user_id);
  }
  // REQUIRES: it is retired from the members.
  void leave(const MemberSpec& leaving);
  void tick(uint64_t now_ms);

 private:
  void tell(const std::vector<PresenceNews>& news);

  Status merge(const Member& from, Bytes change, std::vector<PresenceNews>& news);
  void change_other_sessions(const MemberSpec& of, const UserPresence::Person& person,
                             std::vector<PresenceNews>& news);
  void show_again(Member& to, uint64_t known_until);

  RoomServices& services_;
  Presence& presence_;
  Members& members_;
  Audience& audience_;
  Refusals& refusals_;
  AppFeed& apps_;
  Counterparts* const others_;
  UserPresence users_;
  std::vector<uint8_t> merged_;  // what a user shows now
};

}  // namespace freshet
