// core/cluster/endings.h: apps are told of the ends of rooms, once in the cluster.
//
// That a room has ended is decided in the store, with the last node that had it open, and left
// there as a notice with an id. One node claims to tell of them; a notice is removed when the apps
// have answered, and told again, under its id, when they have not. Lives on one shard, owned by the
// server.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>

#include "core/loop/loop.h"
#include "core/store/store_queue.h"

namespace freshet {

class Endings {
 public:
  // Has apps told that this room has ended. `done` comes once, on any shard: what they answered, or
  // Status::retry, Status::limit: nothing.
  using Tell =
      std::function<void(const std::string& room, uint64_t id, std::function<void(Status)> done)>;

  // All outlive it.
  Endings(Loop loop, StoreQueue& store, const freshet_node& self, Tell tell)
      : loop_(loop), store_(store), self_(self), tell_(std::move(tell)) {}
  Endings(const Endings&) = delete;
  Endings& operator=(const Endings&) = delete;

  void start();  // [main], once
  void hurry();  // there is one. [any]
  void stop();   // others tell from now on. [any]

 private:
  void tick();
  void claim();
  void look();
  void hear(Status status, const ReplyItems& items);
  void tell(const std::string& room, uint64_t id);
  void remove(uint64_t id);

  const Loop loop_;
  StoreQueue& store_;
  const freshet_node self_;
  const Tell tell_;
  bool mine_ = false;  // to tell
  bool looks_ = false;
  bool stopped_ = false;
  uint64_t claimed_ms_ = 0;
  // By id: those that are not to be told again yet.
  std::unordered_map<uint64_t, uint64_t> told_ms_;
};

}  // namespace freshet
