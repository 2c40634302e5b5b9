// core/sharing/sharing.h: what comes of it that a room is open at several nodes.
//
// What others append is read from the store that all share. Where there is a bus the same room at
// other nodes is spoken to as well: of edits before and after they are stored, of who is there, of
// events; see counterparts.h, core/residence/tail.h and early.h.
//
// Lives on the room's shard, owned by the room. A room of a store that is not shared has none.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/audience/audience.h"
#include "core/audience/members.h"
#include "core/audience/refusals.h"
#include "core/presence/presence.h"
#include "core/residence/residence.h"
#include "core/residence/room_services.h"
#include "core/residence/tail.h"
#include "core/sharing/counterparts.h"
#include "core/sharing/people_elsewhere.h"
#include "core/sharing/room_state.h"

namespace freshet {

class Sharing final : public Tail::Hearer {
 public:
  // The room.
  class Owner : public Tail::Owner {
   public:
    // Somebody needs the document.
    virtual void touch() = 0;

   protected:
    ~Owner() = default;
  };
  // Of the room; all outlive it.
  struct Parts {
    RoomServices& services;
    const std::string& room;
    const RoomState& state;
    Owner& owner;
    Residence& residence;
    Presence& presence;
    Members& members;
    Audience& audience;
    Refusals& refusals;
  };

  explicit Sharing(const Parts& parts);
  Sharing(const Sharing&) = delete;
  Sharing& operator=(const Sharing&) = delete;

  // The others are heard from now on, if that can be had: then `done`. Once.
  void open(std::function<void()> done);
  Tail& tail() { return tail_; }
  // Who is to be told what happens here; null: there is no bus.
  Counterparts* counterparts() { return counterparts_ ? &*counterparts_ : nullptr; }

  // This node has appended.
  void note_appended(const Stored& stored);
  // Whoever appended.
  void note_end(const LogEnd& end);

  // ---- REQUIRES: there is a bus ----
  void hear(Bytes message);
  // Of what the others said some may have been missed.
  void ask();
  void doubt_last_rows();  // the store was out of reach: see tail.h
  // A node is no more.
  void forget(const freshet_node& node);
  // Of those who have said nothing for long, only these live.
  void keep(const std::vector<freshet_node>& living);
  // This node was taken for gone.
  void show_anew();

  // Tail::Hearer
  void tell_others(Bytes update, const freshet_source& by, const freshet_applied& applied) override;

  void tick(uint64_t now_ms);
  bool at_rest() const { return tail_.at_rest() && (!counterparts_ || counterparts_->at_rest()); }

 private:
  Counterparts::Heard ears();
  void hear(const freshet_writer& by, const bus::Edit& edit);
  void hear(const freshet_writer& by, const bus::Stored& stored);
  void hear(const freshet_writer& by, const bus::Person& person);
  void hear(const freshet_writer& by, const bus::Event& event);
  void hear(const freshet_writer& by, const bus::Here& here);
  void hear(const freshet_writer& by, const bus::Gone& gone);
  void hear(const freshet_writer& by, const bus::Digest& digest);
  void hear(const freshet_writer& by, const bus::Evict& evict);
  void hear(const freshet_writer& by, const bus::Replaced& replaced);
  void go_on();

  const Parts parts_;
  Tail tail_;
  PeopleElsewhere people_;
  std::optional<Counterparts> counterparts_;
  uint32_t differences_ = 0;  // of what others show and what is known of that, one after the other
};

}  // namespace freshet
