// core/cluster/shard_ears.h: what other nodes say of the rooms of one shard.
//
// Called by the bus and by whoever watches over nodes, from anywhere; what is heard waits for the
// shard within a bound, and what is past that is missed.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/loop/loop.h"
#include "freshet/abi/store.h"
#include "freshet/bytes.h"

namespace freshet {

class ShardEars {
 public:
  // All on the shard.
  struct Rooms {
    std::function<void(std::string_view room, Bytes message)> hear;
    std::function<void()> missed;                         // of all rooms something may have been
    std::function<void(const freshet_node& node)> ended;  // a node is no more
    std::function<void(const std::vector<freshet_node>& nodes)> living;  // see nodes.h
    // This one was taken for gone, and is that now; returns which it was.
    std::function<freshet_node(const freshet_node& self)> anew;
  };

  ShardEars(Loop loop, Rooms rooms) : loop_(loop), rooms_(std::move(rooms)) {}
  ShardEars(const ShardEars&) = delete;
  ShardEars& operator=(const ShardEars&) = delete;

  // ---- [any] ----
  void hear(std::string_view room, Bytes message);
  void missed();
  // What it said before that, and is heard later, is passed over.
  void end(const freshet_node& node);
  void live(const std::vector<freshet_node>& nodes);
  void begin_anew(const freshet_node& self);

 private:
  void take(std::string_view room, Bytes message);
  void pass_over(const freshet_node& node);

  const Loop loop_;
  const Rooms rooms_;
  std::atomic<size_t> waiting_bytes_{0};
  std::atomic<bool> missed_{false};  // it is to be said
  std::vector<freshet_node> ended_;  // the last of them
};

}  // namespace freshet
