// tests/sim/runs/cluster_run.h: a random run of several nodes: clients edit, come and go and move
// between nodes, of which each dies, stops, stands still and is cut off by dice; then the weather
// clears, and everything must come together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/plugins/plant.h"
#include "sim/verdict.h"

namespace freshet::sim {

// What nodes are to have of each other, each with what stands before it.
enum class Across {
  documents,
  people,  // who is there, and events
  deaths,  // and who is not, as its node is no more
  ends,    // that a room has ended everywhere
};

// Whether the database may lose what it has answered.
enum class Failover { none, some };

struct ClusterCount {
  size_t edits = 0, moves = 0, waves = 0;
  size_t kills = 0, stops = 0, pauses = 0, cuts = 0, outages = 0, failovers = 0;

  ClusterCount& operator+=(const ClusterCount& more) {
    edits += more.edits;
    moves += more.moves;
    waves += more.waves;
    kills += more.kills;
    stops += more.stops;
    pauses += more.pauses;
    cuts += more.cuts;
    outages += more.outages;
    failovers += more.failovers;
    return *this;
  }
  bool seen_all() const {
    return moves > 0 && waves > 0 && kills > 0 && stops > 0 && pauses > 0 && cuts > 0 &&
           outages > 0;
  }
};

struct ClusterResult {
  bool clean;
  std::string summary;
  std::vector<Violation> violations;
  uint64_t events;
  uint64_t said;  // on the bus
  ClusterCount count;

  bool saw(Broken kind) const;
};

struct ClusterPlan {
  bool trace = false;
  Plant plant = Plant::none;
  std::optional<size_t> plant_node = std::nullopt;  // none: at every node
  Across across = Across::ends;
  Failover failover = Failover::none;
};

ClusterResult cluster_run(uint64_t seed, const ClusterPlan& plan = {});

}  // namespace freshet::sim
