// writers.h: sends every edit when it is due.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "cast.h"

namespace freshet::load {

class Writers {
 public:
  Writers(const Scenario& scenario, World& world, Cast& cast)
      : scenario_(scenario), world_(world), cast_(cast) {}

  // From now on edits are due, until `end_ns`.
  void start(int64_t start_ns, int64_t end_ns);
  // When to look next: when an edit is due, up to the next tick. A far time when none is.
  int64_t next_ns() const;
  // What one writer has due at once leaves in one call. Counts how late it is.
  void send_due(int64_t now);

 private:
  struct Due {
    int64_t at_ns;
    uint32_t place;
    bool operator>(const Due& other) const { return at_ns > other.at_ns; }
  };

  void send_of(Due first, int64_t now);

  const Scenario& scenario_;
  World& world_;
  Cast& cast_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::vector<uint64_t> next_edit_;  // of each place
  std::vector<int64_t> sent_;        // reused
  int64_t end_ns_ = 0;
};

}  // namespace freshet::load
