// core/cluster/nodes.h: which nodes of the cluster live.
//
// Each says in the store, once a second, that it does, and counts how often it has. One whose count
// stands still for ten seconds is dead: by the clock of whoever observes that, and only while this
// one reaches the store itself, so neither the clock of another machine nor an outage that all have
// makes anybody dead. Whoever sees it first ends it in the store; so does one
// that has told its people so, if it is there again. A node that finds itself ended, as it stood
// still for so long, goes on under another name.
//
// Lives on one shard, owned by the server.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/loop/loop.h"
#include "core/report/log.h"
#include "core/report/metrics.h"
#include "core/store/store_queue.h"

namespace freshet {

class Nodes {
 public:
  // All on its shard.
  struct Told {
    std::function<void(const freshet_node& node)> ended;
    // All but this one, every few seconds: whoever was heard of otherwise and is not among them is
    // no more.
    std::function<void(const std::vector<freshet_node>& nodes)> living;
    std::function<void(const freshet_node& self)> anew;  // this node goes on as that
  };
  struct Self {
    freshet_node node;
    std::string about;  // what others are told of it
    bool tells;         // an app of it hears of the ends of rooms
  };

  // All outlive it.
  Nodes(Loop loop, StoreQueue& store, Self self, Log& log, Metrics& metrics, Told told);
  Nodes(const Nodes&) = delete;
  Nodes& operator=(const Nodes&) = delete;

  void start();  // [main], once
  // This node ends: it is taken out of the store, and then, or when that cannot be done, `done`
  // comes. Once. [any]
  void end(std::function<void()> done);

 private:
  struct Other {
    freshet_node node;
    uint64_t beats;
    uint64_t moved_ms;  // when that was another number
    std::string about;
  };

  void beat_later();
  void beat();
  void hear(Status status, const ReplyItems& items);
  void note(const ReplyItems& items);
  void end_silent();
  void end(const freshet_node& other);
  bool was_ended(const freshet_node& other) const;
  void go_on_anew();
  void tell_living();

  const Loop loop_;
  StoreQueue& store_;
  Self self_;
  Log& log_;
  freshet_metric& living_;
  const Told told_;
  std::vector<Other> others_;
  std::vector<freshet_node> ended_;  // as their people were told: the last of them
  uint64_t answered_ms_ = 0;
  uint64_t told_ms_ = 0;  // who lives
  bool asks_ = false;
  bool ending_ = false;
};

}  // namespace freshet
