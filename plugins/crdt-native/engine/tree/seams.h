// Where one item ends and the next begins: items are cut where a reference needs a boundary, and
// what could be one item is joined.
#pragma once

#include <cstdint>
#include <vector>

#include "items/clock_index.h"
#include "items/ids.h"
#include "lists/placement.h"
#include "lists/positions.h"
#include "lists/records.h"
#include "tree/remade.h"

namespace freshet::crdt {

class Seams {
 public:
  Seams(Records& records, Placement& placement, Positions& positions, const Remade& remade)
      : records_(records), placement_(placement), positions_(positions), remade_(remade) {}

  // The item that ends, or starts, with that unit. Garbage is not cut.
  uint32_t ending_at(Id id);
  uint32_t starting_at(Id id);
  // Makes a boundary before `clock` in the item at `at`, and returns what starts there.
  uint32_t cut(Client& client, Position at, uint32_t clock);

  // With what is left of it, if the two could be one.
  bool try_join(Client& client, Position right_at);
  // Garbage with all that is left of it; of anything else, the left one is joined already.
  void join_lefts(Client& client, Position at);
  // Joins again what was cut at this unit for a reference that turned out to need no boundary.
  void rejoin(Id boundary);

  // From here to let_go() it is the caller who joins nothing, and what is cut is noted.
  void hold() {
    held_ = true;
    noted_.clear();
  }
  void let_go() { held_ = false; }
  bool held() const { return held_; }

  // The item there is to be joined with its neighbours later.
  void note(Id id) { noted_.push_back(id); }
  void join_noted();

 private:
  bool can_join(const Item& left, const Item& right, uint32_t right_index) const;

  Records& records_;
  Placement& placement_;
  Positions& positions_;
  const Remade& remade_;
  bool held_ = false;
  std::vector<Id> noted_;
};

}  // namespace freshet::crdt
