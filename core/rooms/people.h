// core/rooms/people.h: what the members of a room show of themselves, and who is told.
//
// Some wires bring entries with clocks of their own; on others the room keeps what a user shows,
// over all of its sessions and for a while after the last has gone. Those who are in the room at
// other nodes are shown as these say. Lives on the room's shard, owned by the room.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/audience/audience.h"
#include "core/audience/members.h"
#include "core/audience/refusals.h"
#include "core/cluster/counterparts.h"
#include "core/presence/presence.h"
#include "core/presence/user_presence.h"
#include "core/residence/room_services.h"
#include "core/rooms/app_feed.h"

namespace freshet {

class People final : public Counterparts::People {
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

  // ---- at other nodes ----
  void hear(const freshet_writer& by, const bus::Person& person);
  void hear(const freshet_writer& by, const bus::Here& here);
  void hear(const freshet_writer& by, const bus::Digest& digest);
  void forget(const freshet_writer& by);  // whoever was there
  // All who are here, one clock later: others took them for gone.
  void show_anew();

  // Counterparts::People
  std::optional<bus::Person> person(uint64_t client) const override;
  std::vector<bus::Person> everybody() const override;
  bus::Digest digest() const override;

 private:
  void tell(const std::vector<PresenceNews>& news);
  void tell_owners(const std::vector<PresenceNews>& moved);
  bus::Person person_of(const PresenceNews& news) const;
  template <class Whose>
  bus::Digest digest_of(Whose whose) const;

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
  std::optional<std::vector<uint64_t>> heard_all_;  // the clients in the message at hand
  std::vector<uint8_t> merged_;                     // what a user shows now
};

}  // namespace freshet
