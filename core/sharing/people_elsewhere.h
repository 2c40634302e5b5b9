// core/sharing/people_elsewhere.h: who is in a room at other nodes, as these say, and what this one
// says of those who are here.
//
// Each node counts the clocks of its own people, and of nobody else's. Lives on the room's shard,
// owned by its sharing.
#pragma once

#include <optional>
#include <vector>

#include "core/audience/audience.h"
#include "core/audience/members.h"
#include "core/presence/presence.h"
#include "core/residence/room_services.h"
#include "core/sharing/counterparts.h"

namespace freshet {

// Those whose clocks were moved, lest they count on from where they were.
void tell_owners(const Members& members, Audience& audience,
                 const std::vector<PresenceNews>& moved);

// That they are gone, for all that others know: a client that hears that of itself says that it is
// not, at a clock that nobody has heard of. Those on wires without clocks do not hear it.
void have_them_say_so(const Members& members, Audience& audience, std::vector<PresenceNews> who);

class PeopleElsewhere final : public Counterparts::People {
 public:
  // All outlive it.
  PeopleElsewhere(RoomServices& services, Presence& presence, Members& members, Audience& audience)
      : services_(services), presence_(presence), members_(members), audience_(audience) {}
  PeopleElsewhere(const PeopleElsewhere&) = delete;
  PeopleElsewhere& operator=(const PeopleElsewhere&) = delete;

  // ---- what other nodes say ----
  // Something: what is to be said to that.
  std::optional<bus::Person> hear(const freshet_writer& by, const bus::Person& person);
  void hear(const bus::Here& here);
  // False: these are not whom it was known to show.
  bool hear(const freshet_writer& by, const bus::Digest& digest);
  void forget(const freshet_writer& by);  // whoever was there

  // ---- what this one says: Counterparts::People ----
  std::optional<bus::Person> person(uint64_t client) const override;
  std::vector<bus::Person> everybody() const override;
  bus::Digest digest() const override;
  // All who are here, one clock later: whoever has heard of them before would pass over them.
  void move_on() override;
  // About once a second.
  void forget_unshown();

 private:
  std::optional<bus::Person> say_after(const bus::Person& heard);
  void tell(const std::optional<PresenceNews>& news);
  void keep_only(const freshet_node& node, std::vector<uint64_t> clients);
  bus::Person person_of(const PresenceNews& news) const;
  template <class Whose>
  bus::Digest digest_of(Whose whose) const;

  RoomServices& services_;
  Presence& presence_;
  Members& members_;
  Audience& audience_;
  std::optional<std::vector<uint64_t>> heard_all_;  // the clients in the message at hand
};

}  // namespace freshet
