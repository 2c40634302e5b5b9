// The integrated part of a document: items in their lists, and what finds them.
//
// Algorithm: YATA (Nicolaescu et al. 2016) as Yjs 13.6 has it, garbage collection included. The
// layout is this engine's own, see docs/crdt.md. Not thread-safe, not even among const calls.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "format/update_v1.h"
#include "items/client_table.h"
#include "items/clock_index.h"
#include "items/flat_map.h"
#include "items/ids.h"
#include "items/items.h"
#include "items/names.h"
#include "items/text_log.h"
#include "items/value_log.h"
#include "lists/list_order.h"
#include "lists/positions.h"
#include "tree/changes.h"

namespace freshet::crdt {

// The deleted ranges of a client as they go on the wire; derived from the items.
struct DeletedCache {
  std::vector<uint8_t> encoded;
  uint32_t ranges = 0;
  bool dirty = true;
};

struct Client {
  uint32_t next = 0;  // the clock after its last item
  uint32_t last = kNil;
  ClockIndex index;
  TextLog text;
  std::unique_ptr<ValueLog> values;         // made with the first value
  std::unique_ptr<DeletedCache> deletions;  // made with the first deletion
  uint32_t dead_units = 0;                  // of `text`, no longer in an item
  size_t dead_value_bytes = 0;
};

// A sequence of items: the children of a type, or the history of one of its keys.
struct List {
  uint32_t head = kNil;
  uint32_t tail = kNil;  // kept for keys only: the item whose value counts
  uint32_t type = kNil;
  uint32_t key = kNil;   // a name; kNil for the children
  uint32_t next = kNil;  // the next key of the same type
  bool ordered = false;  // it has a ListOrder
};

// A shared type. Its kind is on the wire for nested types only.
struct Type {
  static constexpr uint8_t kUnknown = 0xff;

  uint32_t item = kNil;      // that holds it; kNil for a root
  uint32_t children = kNil;  // a list, made with the first child
  uint32_t keys = kNil;      // the first keyed list
  uint32_t name = kNil;      // of a root, or the node or hook name
  uint8_t ref = kUnknown;
  bool formatted = false;  // it had a Format item at some time
};

enum class Gc { off, on };

inline constexpr uint64_t kNoSource = ~uint64_t{0};

// Between two neighbours of a list; kNil stands for an end.
struct Place {
  uint32_t list = kNil;
  uint32_t left = kNil;
  uint32_t right = kNil;
};

class Tree {
 public:
  Tree(Gc gc, uint64_t seed);

  uint32_t state(uint32_t client) const { return clients[client].next; }

  // The first dependency that is not here yet, if any: its client must pass that clock.
  Id missing(const WireStruct& item) const;

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
  bool held() const { return held_; }
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
  uint32_t item_starting_at(Id id) { return starting_at(id); }
  void remove_item(uint32_t index);
  // Whoever keeps an item keeps it from being collected.
  void keep(uint32_t index, bool on) { items[index].kept = on; }

  uint32_t root(std::string_view name);
  uint32_t children_of(uint32_t type);
  uint32_t keyed_list(uint32_t type, uint32_t key);
  // kNil if the type never had the key.
  uint32_t find_keyed(uint32_t type, std::string_view key) const;

  // Undoing makes deleted content anew: what is at `id` is now at the id returned, if any.
  Id redone(Id id) const;
  void set_redone(uint32_t index, Id now);

  // Format values that are objects are the same for Yjs if they are one object in its memory: where
  // a local edit has put the value of one Format item into another. Identified by the first item.
  uint64_t value_source(Id id) const;
  void share_value(Id id, uint64_t source);

  Positions positions;

  uint32_t find_root(std::string_view name) const;
  const Item& item_at(Id id) const;
  // The UTF-16 units or values of this run, for readers.
  const TextLog& text_of(const Item& item) const { return clients[item.client].text; }
  Bytes values_of(const Item& item, uint32_t skip = 0) const {
    return clients[item.client].values->span(item.content + skip, item.len - skip);
  }
  DeletedCache& deletions_of(Client& client);

  size_t memory_bytes() const;

  ClientTable table;
  std::vector<Client> clients;  // by number; the caller keeps it as long as the table
  Items items;
  Names names;
  std::vector<List> lists;
  std::vector<Type> types;
  std::vector<uint32_t> roots;  // types, in order of first mention
  uint64_t scan_steps = 0;      // of conflict scans, ever
  // Some value may be more than its JSON text, or even more than v1 can say; see kept_value.h.
  bool keeps_values = false;
  bool refused_by_json = false;
  // A list gets a ListOrder when long scans have taken so many steps in it. Tests compare with
  // none, and with small blocks.
  uint64_t crowd_steps = 1024;
  uint32_t order_block_items = 128;

 private:
  friend class ListOrder;

  // A list in which scans were long.
  struct Crowd {
    uint64_t steps = 0;
    std::unique_ptr<ListOrder> order;
  };

  // A struct on its way in, with what it refers to found.
  struct Arrival {
    uint32_t client;
    uint32_t clock;
    uint32_t len;
    uint32_t skip;  // units of the struct that were known
    Id origin;
    Id right_origin;
    uint32_t left;
    uint32_t right;
    uint32_t list;
  };

  bool follows_last(const Client& client, Id origin, Id right_origin) const;
  void extend_last(Client& client, Bytes text, uint32_t len);
  void add_gc(uint32_t client, uint32_t len);
  void find_neighbours(Arrival& arrival);
  uint32_t list_for(const WireStruct& item, uint32_t left, uint32_t right);
  uint32_t find_place(const Arrival& arrival);
  uint32_t scan(const Arrival& arrival, uint32_t at);
  void watch_crowd(uint32_t list, uint64_t steps);
  // Null unless the list is crowded.
  ListOrder* order_of(uint32_t list);
  bool joins_last(const Arrival& arrival, const WireStruct& item, uint32_t left) const;
  void link(const Arrival& arrival, const WireStruct& item, uint32_t left);
  uint32_t add_content(const WireStruct& item, uint32_t skip, uint32_t index);
  uint32_t add_type(const WireStruct& item, uint32_t index);
  void rejoin(Id boundary);

  uint32_t ending_at(Id id);
  uint32_t starting_at(Id id);
  uint32_t covering(Id id) const;
  uint32_t split(Client& client, Position at, uint32_t clock);
  bool can_join(const Item& left, const Item& right, uint32_t right_index) const;
  bool try_join(Client& client, Position right_at);
  void join_lefts(Client& client, Position at);

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
  void bury(const Item& item, uint32_t first, uint32_t len);
  void compact(Client& client);

  uint32_t new_list(uint32_t type, uint32_t key);

  void collect(const DeletedRange& range);
  void note_boundaries(uint32_t client, uint32_t from, uint32_t to);
  void join_changed(const Changes& changes);
  // What an update without a hold does is noted only if it may matter, see end_update().
  bool notes() const { return held_ || types.size() > roots.size(); }
  void compact_logs();

  const bool gc_;
  bool held_ = false;
  bool collected_a_type_ = false;  // in this update
  Changes changes_;
  // Items to be joined with their neighbours when the hold or the update ends.
  std::vector<Id> to_join_;
  std::vector<Id> boundaries_;  // scratch
  struct Redone {
    uint32_t len;
    Id now;
  };
  std::map<uint64_t, Redone> redone_;                     // by client << 32 | clock
  std::unordered_map<uint64_t, uint64_t> value_sources_;  // the same
  FlatMap roots_by_name_;
  FlatMap keyed_;  // (type, key name) -> list
  std::vector<uint32_t> free_types_;
  std::vector<uint32_t> free_lists_;

  std::unordered_map<uint32_t, Crowd> crowds_;  // by list
  std::vector<uint32_t> order_homes_;           // what their orders share
  std::vector<uint32_t> wasteful_;              // clients with logs to compact

  // One stamp per item tells whether, and since when, a conflict scan has seen it.
  std::vector<uint32_t> stamps_;
  uint32_t stamp_ = 0;
};

}  // namespace freshet::crdt
