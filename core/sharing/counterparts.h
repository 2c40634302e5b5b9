// core/sharing/counterparts.h: one room at this node, and the same room at others: who they are,
// what is said to them, and what is heard of them.
//
// A room says that it is here when it opens, and whoever has it answers; while nobody does, it asks
// again now and then, and says nothing else. What it says leaves with the shard's turn, presence a
// little later. Each opening of a room numbers its messages, so that events come in their sender's
// order: one that is missing is waited for for a moment, and then lost. All else may come in any
// order, or twice.
//
// Lives on the room's shard, owned by the room, which does not end before at_rest().
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/cluster/bus_message.h"
#include "core/cluster/node_bus.h"
#include "core/loop/loop.h"

namespace freshet {

struct Stored;

class Counterparts {
 public:
  // Who is in the room here.
  class People {
   public:
    // What is shown as this client, or that it is gone. Nothing: that is not this node's to say.
    virtual std::optional<bus::Person> person(uint64_t client) const = 0;
    virtual std::vector<bus::Person> everybody() const = 0;
    virtual bus::Digest digest() const = 0;
    // From now on these are one clock later.
    virtual void move_on() = 0;

   protected:
    ~People() = default;
  };
  // What the others say, in the order in which it is to be done.
  using Heard = std::function<void(const freshet_writer& by, const bus::Part& part)>;

  // `self`: this node, and the room's shard. All outlive it.
  Counterparts(NodeBus& bus, const Loop& loop, const freshet_writer& self, const std::string& room,
               People& people);
  ~Counterparts();
  Counterparts(const Counterparts&) = delete;
  Counterparts& operator=(const Counterparts&) = delete;

  // Hears from now on; `done` comes when it does, or when that cannot be had. Once. `stream`: not
  // 0, and larger than that of any room that this shard has opened before.
  void open(uint64_t stream, std::function<void()> done);
  bool any() const { return here_ > 0; }

  // ---- to the others ----
  void say(const bus::Part& part);
  // An edit that is not saved yet, if it is small: others read a large one when it is stored.
  void say_early(const bus::Edit& edit);
  void say_stored(const freshet_epoch& epoch, const Stored& stored);
  void say_event(const bus::Event& event);  // behind what was shown before
  // What this client shows has changed, or is only to be said again.
  void show(uint64_t client, bool renewed);
  // All who are here, soon; `again`: one clock later.
  void show_all(bool again);
  // Who is there, at each of them, soon: after what may have been missed. `again`: one clock later,
  // for somebody who has heard of them before.
  void ask(bool again = false);

  // ---- from the others ----
  void hear(Bytes message, const Heard& heard);
  // A node is no more.
  void forget(const freshet_node& node, const Heard& heard);
  // Of those who have said nothing for long, only these live.
  void keep(const std::vector<freshet_node>& living, const Heard& heard);
  void tick(uint64_t now_ms, const Heard& heard);

  bool at_rest() const { return !speaks_ && !shows_; }

 private:
  struct Held {
    uint64_t number;
    uint64_t since_ms;
    std::vector<uint8_t> message;
  };
  // The last opening of the room at another node.
  struct Other {
    freshet_writer by;
    uint64_t stream;
    uint64_t next;  // message
    uint64_t heard_ms;
    bool here = true;             // it is open there
    std::vector<Held> held = {};  // that came before the next; by number
    size_t held_bytes = 0;
  };

  Other* other(const bus::From& from, const Heard& heard);
  void set_here(Other& other, bool here);
  void forget(Other& other, const Heard& heard);
  void answer(Other& other, const bus::Message& message, bool is_new);
  void hold(Other& other, uint64_t number, Bytes message);
  static void take_held(Other& other, uint64_t missing_since_ms, const Heard& heard);
  void speak_soon();
  void speak();
  void show_soon();
  void say_due();
  void show_now();
  void show_everybody();
  void ask_now();
  void publish(Bytes parts);

  NodeBus& bus_;
  const Loop loop_;
  const freshet_writer& self_;
  const std::string& room_;
  People& people_;
  uint64_t stream_ = 0;  // 0: not open
  uint64_t number_ = 0;
  std::vector<uint8_t> parts_;                // to leave with this turn
  std::vector<uint64_t> said_;                // numbers of edits that are not stored yet, ascending
  std::unordered_map<uint64_t, bool> shown_;  // clients, and whether they are only renewed
  bool speaks_ = false;                       // a turn's end is awaited
  bool shows_ = false;                        // a timer is set
  std::vector<Other> others_;
  size_t here_ = 0;      // of these
  bool active_ = false;  // something happened here since it asked
  uint64_t asked_ms_ = 0, digest_ms_ = 0;
  size_t asked_ = 0;  // since it opened
  uint64_t shown_all_ms_ = 0;
  bool asks_ = false, asks_again_ = false;   // it is to ask
  bool answers_ = false, moves_on_ = false;  // it is to show all
};

}  // namespace freshet
