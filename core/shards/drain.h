// core/shards/drain.h: how one event loop comes to its end with nothing lost.
//
// Two passes over the journals: what was submitted before is saved, and its senders are told,
// before anybody is sent away; what still came in meanwhile is saved before the end. A connection
// may have its rooms on any shard, so it goes when all shards have said that they are done: their
// word comes behind what they had to deliver.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "core/shards/shards.h"

namespace freshet {

class Drain {
 public:
  // Of what lives on the same loop.
  Drain(Shard& rooms, Links& links, const Shards& shards)
      : rooms_(rooms), links_(links), shards_(shards) {}
  Drain(const Drain&) = delete;
  Drain& operator=(const Drain&) = delete;

  // Calls `drained` once, when all are gone and all is saved. Once.
  void start(std::function<void()> drained);

 private:
  // Once from every shard: what it had to save before the drain is saved. [any]
  void on_saved_elsewhere();
  void check();
  void tell_saved();
  bool tell_changes();  // there were some

  Shard& rooms_;
  Links& links_;
  const Shards& shards_;
  bool worked_off_ = false;  // what rooms had to do when the drain began
  bool saved_told_ = false;
  bool links_told_ = false;
  size_t saved_shards_ = 0;
  uint64_t position_ = 0;  // of the journal, once all was worked off
  std::function<void()> drained_;
};

}  // namespace freshet
