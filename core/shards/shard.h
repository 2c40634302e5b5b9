// core/shards/shard.h: what lives on one event loop: rooms, their journal, and connections.
//
// Everything runs on that loop, unless marked otherwise. Functions that take the caller's shard may
// be called from any shard: at home they act at once, from elsewhere they post.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/apps/apps.h"
#include "core/rooms/room.h"
#include "core/rooms/room_services.h"
#include "core/shards/link.h"

namespace freshet {

class Server;

class Shard {
 public:
  struct Parts {  // of the server, shared by all shards
    const freshet_crdt& crdt;
    StoreQueue& store;
    Replies& replies;
    Workers& workers;
    Workers& compactors;
    Budget& budget;
    const Limits& limits;
    Log& log;
    Metrics& metrics;
    RoomMetrics& room_metrics;
    AppMetrics& app_metrics;
    std::span<const std::unique_ptr<Application>> apps;
    const Procedures& procedures;
  };

  Shard(Server& server, Loop loop, const Parts& parts, size_t shards);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  const Loop& loop() const { return services_.loop; }
  const Limits& limits() const { return services_.limits; }
  Shard& shard_of(std::string_view room);  // [any]
  uint64_t next_id();                      // unique in the process
  uint64_t next_client();                  // random, below 2^53, not 0
  uint32_t chance();                       // random

  void start_ticking();  // [main], once

  // ---- connections of this shard ----
  void open(std::unique_ptr<Link> link, freshet_conn* conn);
  void remove(Link& link);
  Link* find_link(uint64_t id);
  // In the log.
  void note_oversized(std::string_view room, std::string_view what);
  void note_hasty(std::string_view peer);

  // ---- rooms of this shard ----
  void join(Link& link, std::string room, MemberSpec spec);  // on the link's shard
  void leave(Shard& caller, MemberId id);
  void drained(Shard& caller, MemberId id, size_t credit_bytes);
  // Status::limit: from elsewhere, when too much that was posted here waits already.
  Status submit_update(Shard& caller, MemberId id, uint32_t format, Bytes update, uint64_t ticket);
  Status submit_presence(Shard& caller, MemberId id, std::span<const freshet_presence> entries);
  Status query_presence(Shard& caller, MemberId id);
  Status request_diff(Shard& caller, MemberId id, uint32_t format, Bytes state_vector);
  Status submit(Shard& caller, Submission submission);  // what is not worth a call without a copy

  // By no client; see freshet/abi/server.h. [any]
  Status act(std::string room, Act act);

  Room* find_room(std::string_view name);

  // What is wrong with the store, as it last said; empty: nothing.
  const std::string& store_trouble() const { return store_trouble_; }
  void set_store_trouble(std::string trouble) { store_trouble_ = std::move(trouble); }

  // Gives a room a new history: its sessions are closed with `code`, it leaves memory, then
  // `change` runs once. With Status::ok it calls the store and then done(); with Status::retry the
  // store has begun to fail before the room was saved, and the room keeps its history. Joins are
  // refused until done(). Not begun, `change` does not run: Status::conflict: the room is being
  // changed already; Status::retry: the store takes no updates now.
  using ChangeHistory = std::function<void(Status, std::function<void()> done)>;
  Status change_history(const std::string& room, uint16_t code, ChangeHistory change);

  // Lets go of everything: what was submitted so far is saved, then connections are closed with
  // "restart"; `drained` is called once when all are gone and all is saved.
  void drain(std::function<void()> drained);
  // Every shard hears once of every shard that what it had to save before the drain is saved.
  void on_shard_saved(Shard& caller);

 private:
  using Rooms = std::unordered_map<std::string, std::unique_ptr<Room>>;

  // A room that is getting another history, and what comes once nobody is in it.
  struct Change {
    ChangeHistory next;
    bool running = false;
  };

  Listeners::Rooms rooms_for_apps();
  void tick();
  void enter(const std::string& name, std::unique_ptr<Member> member);
  Room* open_room(const std::string& name);
  void act_here(const std::string& room, Act act);
  void tell_state(const std::string& room, const Act::Done& done);
  Status submit_from_elsewhere(Submission submission);
  bool has_space_for_a_room();
  Room* room_of(MemberId id);
  template <class F>
  void in_room_of(MemberId id, F f);  // f(Room&), see Room::guarded; nothing if it has left
  void close_overdue_links();
  void forget_spent_rooms();
  Rooms::iterator forget(Rooms::iterator room);
  void advance_changes();
  void check_drain();

  Server& server_;
  Journal journal_;
  Listeners listeners_;
  RoomServices services_;
  Replies& replies_;
  RareLine hasty_;
  uint64_t last_id_ = 0;
  std::unordered_map<uint64_t, std::unique_ptr<Link>> links_;
  Rooms rooms_;
  std::unordered_map<MemberId, Room*> seats_;
  std::atomic<size_t> posted_bytes_{0};  // submitted from elsewhere, not worked off yet
  std::unordered_map<std::string, Change> changing_;
  std::string store_trouble_;

  bool draining_ = false;
  bool worked_off_ = false;  // what rooms had to do when the drain began
  bool links_told_ = false;
  bool saved_told_ = false;
  bool changes_told_ = false;
  size_t saved_shards_ = 0;
  uint64_t drain_position_ = 0;
  std::function<void()> drained_;
};

}  // namespace freshet
