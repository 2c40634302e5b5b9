// core/shards/shard.h: the rooms of one event loop, and their journal.
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
#include "core/cluster/log_ends.h"
#include "core/cluster/node_bus.h"
#include "core/cluster/openings.h"
#include "core/cluster/shard_ears.h"
#include "core/memory/excess_share.h"
#include "core/rates/limits.h"
#include "core/rates/named_rates.h"
#include "core/residence/room_services.h"
#include "core/rooms/room.h"
#include "core/shards/empty_rooms.h"
#include "core/shards/far_post.h"
#include "core/shards/shard_metrics.h"
#include "core/shards/shards.h"
#include "core/shards/strain_watch.h"

namespace freshet {

class Shard {
 public:
  struct Parts {  // of the server, shared by all shards
    const freshet_crdt& crdt;
    StoreQueue& store;
    NodeBus& bus;
    Replies& replies;
    Workers& workers;
    Workers& compactors;
    Budget& budget;
    const MemoryCeiling& ceiling;
    const Limits& limits;
    Log& log;
    Metrics& metrics;
    RoomMetrics& room_metrics;
    ShardMetrics& shard_metrics;
    AppMetrics& app_metrics;
    std::span<const std::unique_ptr<Application>> apps;
    const Procedures& procedures;
    std::span<Pulse> pulses;  // of each
    Journal::Run run;         // of the server
    std::function<void()> rooms_ended;
  };

  Shard(const Shards& shards, Loop loop, const Parts& parts);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  const Loop& loop() const { return services_.loop; }
  const Limits& limits() const { return services_.limits; }
  void start_ticking();  // [main], once

  void join(Shard& caller, std::string room, std::unique_ptr<Member> member);
  void leave(Shard& caller, MemberId id);
  void drained(Shard& caller, MemberId id, size_t credit_bytes);
  // Status::limit: from elsewhere, when too much that was posted here waits already.
  Status submit(Shard& caller, const Submission& submission);

  // By no client; see freshet/abi/server.h. [any]
  Status act(std::string room, RoomCommand act);

  // What other nodes say of its rooms.
  ShardEars& ears() { return ears_; }
  LogEnds& log_ends() { return log_ends_; }

  // For what its rooms send to connections of another shard.
  FarPost& post_to(Home& home);

  Apps& apps() { return apps_; }
  Room* find_room(std::string_view name);
  // f(Room&) of all of its rooms; or of `count` or some more, from where the turn before has ended.
  // Where the next is to go on; 0: these were the last. Who comes or goes between turns may be
  // missed.
  template <class F>
  size_t each_room(F f, size_t from = 0, size_t count = SIZE_MAX) {
    const size_t end = rooms_.bucket_count();
    size_t at = from;
    for (size_t seen = 0; at < end && seen < count; ++at) {
      for (auto it = rooms_.begin(at); it != rooms_.end(at); ++it, ++seen) f(*it->second);
    }
    return at < end ? at : 0;
  }
  void note_oversized(std::string_view room, std::string_view what);  // in the log

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

  // ---- the end ----
  void close_to_joins() { draining_ = true; }
  // Something that was submitted is still to be worked off.
  bool busy() const { return services_.busy_rooms != 0; }
  bool deserted() const { return seats_.empty(); }
  bool idle() const;  // all is saved, told, sent and worked off
  const Journal& journal() const { return journal_; }

 private:
  using Rooms = std::unordered_map<std::string, std::unique_ptr<Room>>;

  // A room that is getting another history, and what comes once nobody is in it.
  struct Change {
    ChangeHistory next;
    bool running = false;
  };

  void tick();
  void enter(const std::string& name, std::unique_ptr<Member> member);
  std::string_view refusal_of_join(const Room* room);
  std::string_view refusal_of_room(const std::string& name);
  Room* open_room(const std::string& name);
  void act_here(const std::string& room, RoomCommand act);
  void tell_state(const std::string& room, const RoomCommand::Done& done);
  Status submit_from_elsewhere(const Submission& submission);
  bool has_space_for_a_room();
  Room* room_of(MemberId id);
  template <class F>
  void in_room_of(MemberId id, F f);  // f(Room&), see Room::guarded; nothing if it has left
  void let_go_of_idle();
  size_t let_go_of(Room& room);
  Rooms::iterator forget(Rooms::iterator room);
  void advance_changes();

  const Shards& shards_;
  Journal journal_;
  Apps apps_;
  Openings openings_;
  RoomServices services_;
  Replies& replies_;
  NamedRates joins_;  // of rooms, also of those that are not in memory
  Rooms rooms_;
  std::unordered_map<MemberId, Room*> seats_;
  std::unordered_map<Home*, std::unique_ptr<FarPost>> far_posts_;
  std::atomic<size_t> posted_bytes_{0};  // submitted from elsewhere, not worked off yet
  std::unordered_map<std::string, Change> changing_;
  std::string store_trouble_;
  ShardMetrics& metrics_;
  const MemoryCeiling& ceiling_;
  StrainWatch strain_;
  EmptyRooms empty_rooms_;
  ExcessShare excess_;
  LogEnds log_ends_;
  ShardEars ears_;

  bool draining_ = false;
};

}  // namespace freshet
