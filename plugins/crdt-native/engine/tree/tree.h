// The integrated part of a document: its records, and how structs and deletions change them.
//
// Algorithm: YATA (Nicolaescu et al. 2016) as Yjs 13.6 has it, garbage collection included.
#pragma once

#include <cstdint>
#include <vector>

#include "format/delete_set.h"
#include "format/wire_struct.h"
#include "items/clock_index.h"
#include "items/ids.h"
#include "lists/placement.h"
#include "lists/positions.h"
#include "lists/records.h"
#include "tree/changes.h"
#include "tree/dead_content.h"
#include "tree/remade.h"
#include "tree/seams.h"
#include "tree/value_sources.h"

namespace freshet::crdt {

enum class Gc { off, on };

// Between two neighbours of a list; kNil stands for an end.
struct Place {
  uint32_t list = kNil;
  uint32_t left = kNil;
  uint32_t right = kNil;
};

class Tree : public Records {
 public:
  Tree(Gc gc, uint64_t seed);

  // Adds what is new of a struct. REQUIRES: not a Skip, nothing missing, some of it new.
  void integrate(const WireStruct& item);

  // Deletes the known part of a range. True if any of it was alive.
  bool remove(uint32_t client, uint32_t from, uint32_t to);

  // After each update, or what settle() ended: joins the garbage that Yjs would, compacts the logs
  // in which dead content came to outweigh the living.
  void end_update();

  // ---- watched changes: local edits, and updates that somebody listens to (settle.cc)

  // From here to settle() nothing is joined or collected: numbers of items stay valid, deleted
  // content can be read, and what happens is noted.
  void hold();
  bool held() const { return seams_.held(); }
  bool collects_garbage() const { return gc_; }
  // What was noted so far, sorted and joined. REQUIRES: held.
  Changes& changes();
  // Collects and joins what hold() put off, as Yjs does at the end of a transaction.
  void settle(const Changes& changes);

  // REQUIRES for all of these: held.
  // Adds an item of `client` whose neighbours are, or were, these. Returns its number.
  uint32_t insert(uint32_t client, Place place, Kind kind, uint32_t len, Bytes content);
  // Makes an item boundary `offset` units into the item and returns what starts there.
  uint32_t split_item(uint32_t index, uint32_t offset);
  uint32_t item_starting_at(Id id) { return seams_.starting_at(id); }
  void remove_item(uint32_t index);
  // Whoever keeps an item keeps it from being collected.
  void keep(uint32_t index, bool on) { items[index].kept = on; }

  size_t memory_bytes() const;

  Placement placement{*this};
  Positions positions;
  Remade remade;
  ValueSources value_sources;

 private:
  // integrate.cc
  bool follows_last(const Client& client, Id origin, Id right_origin) const;
  void extend_last(Client& client, Bytes text, uint32_t len);
  void add_gc(uint32_t client, uint32_t len);
  void find_neighbours(Arrival& arrival);
  bool joins_last(const Arrival& arrival, const WireStruct& item, uint32_t left) const;
  void link(const Arrival& arrival, const WireStruct& item, uint32_t left);

  // remove.cc
  bool move_boundary(Client& client, Position at, uint32_t from, uint32_t to);
  bool move_tail(Client& client, Position at, uint32_t from);
  bool move_head(Client& client, Position at, uint32_t to);
  void collect_type(uint32_t type);
  // A type that is being collected. Was it alive until this update?
  struct Doomed {
    uint32_t type;
    bool lost_now;
  };
  void collect_list(uint32_t list, bool lost_now, std::vector<Doomed>& stack);
  void note_loss(const Item& item);
  void delete_children(uint32_t type);

  // settle.cc
  void collect(const DeletedRange& range);
  void note_boundaries(uint32_t client, uint32_t from, uint32_t to);
  void join_changed(const Changes& changes);
  // What an update without a hold does is noted only if it may matter, see end_update().
  bool notes() const { return held() || types.size() > roots.size(); }

  const bool gc_;
  bool collected_a_type_ = false;  // in this update
  Seams seams_{*this, placement, positions, remade};
  DeadContent dead_{*this};
  Changes changes_;
  std::vector<Id> boundaries_;  // scratch
};

}  // namespace freshet::crdt
