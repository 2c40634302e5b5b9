// core/cluster/log_ends.h: asks a store that others append to as well where the logs of one shard's
// rooms end.
//
// What this node appends is answered with it; of a room into which only others write nobody would
// tell. So each is asked for in turn: all of them every second, if they are no more than one call
// asks for.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/loop/loop.h"
#include "core/store/store_queue.h"

namespace freshet {

class LogEnds {
 public:
  struct Rooms {
    std::function<std::vector<std::string>()> names;  // of all that are in memory
    // No epoch: nothing is stored of it.
    std::function<void(const std::string& name, const std::optional<freshet_epoch>& epoch,
                       uint64_t last_seq)>
        hear;
  };

  // `store` outlives it. Does nothing where that is not shared.
  LogEnds(Loop loop, StoreQueue& store, Rooms rooms)
      : loop_(loop), store_(store), rooms_(std::move(rooms)) {}
  LogEnds(const LogEnds&) = delete;
  LogEnds& operator=(const LogEnds&) = delete;

  void ask();  // about once a second

 private:
  void hear(Status status, const ReplyItems& items);

  const Loop loop_;
  StoreQueue& store_;
  const Rooms rooms_;
  std::vector<std::string> turn_;   // who has not been asked for in this turn
  std::vector<std::string> asked_;  // for these it is being asked
};

}  // namespace freshet
