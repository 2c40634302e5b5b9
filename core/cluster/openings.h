// core/cluster/openings.h: which rooms of one shard this node has open, as the store that nodes
// share knows it.
//
// The store decides who is the last one out: when no node has a room open any more, apps are to be
// told of its end, once in the cluster; see endings.h. What cannot be said now is said again every
// second. Lives on the shard, owned by it. Where there is no bus it does nothing.
#pragma once

#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/loop/loop.h"
#include "core/store/store_queue.h"

namespace freshet {

class Openings {
 public:
  // `there`: nodes share rooms. `tells`: an app of this server hears of their ends. `left`: there
  // is somebody to be told. `store` outlives it.
  struct Parts {
    Loop loop;
    StoreQueue& store;
    freshet_node self;
    bool there, tells;
    std::function<void()> left;
  };

  explicit Openings(Parts parts) : parts_(std::move(parts)) {}
  Openings(const Openings&) = delete;
  Openings& operator=(const Openings&) = delete;

  bool there() const { return parts_.there; }
  // `done` comes when the store knows, or does not answer. REQUIRES: there().
  void open(const std::string& room, std::function<void()> done);
  void close(const std::string& room);  // the same
  // From now on this node is another, which has these open.
  void begin_anew(const freshet_node& self, const std::vector<std::string>& rooms);
  void tick();  // about once a second

 private:
  struct Opening {
    std::string room;
    std::function<void()> done;
  };
  using Names = std::vector<std::string>;

  void open_next();
  void say_open(Names rooms, std::function<void(Status)> done);
  void say_closed(const Names& rooms);
  void note_unsaid(const std::string& room);

  Parts parts_;
  std::vector<Opening> next_;  // to be said together, behind what is being said
  std::vector<Opening> said_;  // and are not answered yet
  bool saying_ = false;
  std::unordered_set<std::string> open_;  // what is so here, whatever the store has heard of it
  std::unordered_set<std::string> unsaid_open_, unsaid_closed_;
};

}  // namespace freshet
