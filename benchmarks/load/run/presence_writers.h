// presence_writers.h: shows every state of presence when it is due.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "cast.h"

namespace freshet::load {

class PresenceWriters {
 public:
  PresenceWriters(const Scenario& scenario, World& world, Cast& cast)
      : scenario_(scenario), world_(world), cast_(cast) {}

  // From now on states are due, until `end_ns`.
  void start(int64_t start_ns, int64_t end_ns);
  // A far time when none is.
  int64_t next_ns() const;
  // Counts how late it is.
  void show_due(int64_t now);

 private:
  struct Due {
    int64_t at_ns;
    uint32_t room, place;
    uint64_t states;  // before it
    bool operator>(const Due& other) const { return at_ns > other.at_ns; }
  };

  void show(const Due& due);

  const Scenario& scenario_;
  World& world_;
  Cast& cast_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  int64_t end_ns_ = 0;
};

}  // namespace freshet::load
