// tests/sim/runs/cluster_verdict.h: what must hold of a cluster once things have calmed down: of
// all nodes and clients together.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "sim/clients/participant.h"
#include "sim/world.h"

namespace freshet::sim {

// Whose first states a room may begin with, one of all: authors of this number and above are the
// offers of pluv clients, and those below the other one apps.
inline constexpr uint64_t kFirstOffer = uint64_t{1} << 40;
inline constexpr uint64_t kFirstPerson = 0x100;

class ClusterVerdict {
 public:
  using Everybody = std::vector<Participant*>;

  ClusterVerdict(World& world, const Everybody& everybody) : world_(world), everybody_(everybody) {}

  // Everybody who is online is here and holds what is stored, and that is all.
  bool calm() const;

  // ---- each says what it finds wrong to the world's verdict ----
  void check_documents() const;     // everybody's is the one that is stored
  void check_acknowledged() const;  // is stored
  void check_beginnings() const;    // a room has one first state at most
  // Whoever is here is shown to everybody in the room, and nobody else, or perhaps some whose node
  // is no more.
  enum class Ghosts { none, allowed };
  void check_people(Ghosts ghosts) const;
  // Of each end of a room apps were told, under one id, and it is over. `told`: by their ids.
  void check_ends(const std::set<uint64_t>& told) const;

 private:
  std::vector<Participant*> in(const std::string& room) const;
  Verdict& verdict() const { return world_.verdict(); }

  World& world_;
  const Everybody& everybody_;
};

}  // namespace freshet::sim
