// core/cluster/log_ends.h: asks a store that others append to as well where the logs of one shard's
// rooms end.
//
// What this node appends is answered with it; of a room into which only others write nobody would
// tell. So each is asked for in turn: all of them every second, if they are no more than one call
// asks for. Where there is a bus that tells, it is seldom, but for after what may have been missed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/cluster/limits.h"
#include "core/loop/loop.h"
#include "core/store/log_end.h"
#include "core/store/store_queue.h"

namespace freshet {

class LogEnds {
 public:
  struct Rooms {
    std::function<std::vector<std::string>()> names;  // of all that are in memory
    std::function<void(const std::string& name, const LogEnd& end)> hear;
    std::function<void()> unanswered;  // the store was out of reach: of them all
  };

  // `store` outlives it. Does nothing where that is not shared. `hears`: there is a bus.
  LogEnds(Loop loop, StoreQueue& store, bool hears, Rooms rooms)
      : loop_(loop), store_(store), hears_(hears), rooms_(std::move(rooms)) {}
  LogEnds(const LogEnds&) = delete;
  LogEnds& operator=(const LogEnds&) = delete;

  void ask();  // about once a second
  // Of all rooms something may have been missed: each is asked for as soon as it can be.
  void hurry() {
    turn_.clear();
    hurries_ = true;
  }

 private:
  void begin_turn();
  void hear(Status status, const ReplyItems& items);

  const Loop loop_;
  StoreQueue& store_;
  const bool hears_;
  const Rooms rooms_;
  bool hurries_ = false;            // with this turn, or the next
  size_t at_once_ = kMostAsked;     // of this turn
  std::vector<std::string> turn_;   // who has not been asked for in this turn
  std::vector<std::string> asked_;  // for these it is being asked
};

}  // namespace freshet
