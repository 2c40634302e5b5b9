// Where an item goes among those that others inserted at the same place: the conflict resolution of
// YATA.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "items/ids.h"
#include "lists/list_order.h"
#include "lists/records.h"

namespace freshet::crdt {

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

// Owned by the tree, which tells the orders of its lists what happens to their items.
class Placement {
 public:
  explicit Placement(Records& records) : records_(records) {}

  // The item to go right behind, kNil for the start of the list.
  uint32_t find(const Arrival& arrival) {
    const uint32_t at = arrival.left != kNil ? records_.items[arrival.left].right
                                             : records_.lists[arrival.list].head;
    return at == arrival.right ? arrival.left : search(arrival, at);
  }

  // Null unless the list is crowded.
  ListOrder* order_of(uint32_t list) {
    return list != kNoList && records_.lists[list].ordered ? crowds_.at(list).order.get() : nullptr;
  }
  void forget(uint32_t list) { crowds_.erase(list); }

  size_t memory_bytes() const;

  uint64_t scan_steps = 0;  // ever
  // A list gets a ListOrder when long scans have taken so many steps in it. Tests compare with
  // none, and with small blocks.
  uint64_t crowd_steps = 1024;
  uint32_t order_block_items = 128;

 private:
  // A list in which scans were long.
  struct Crowd {
    uint64_t steps = 0;
    std::unique_ptr<ListOrder> order;
  };

  uint32_t search(const Arrival& arrival, uint32_t at);
  uint32_t scan(const Arrival& arrival, uint32_t at);
  void watch_crowd(uint32_t list, uint64_t steps);

  Records& records_;
  std::unordered_map<uint32_t, Crowd> crowds_;  // by list
  std::vector<uint32_t> order_homes_;           // what their orders share

  // One stamp per item tells whether, and since when, a conflict scan has seen it.
  std::vector<uint32_t> stamps_;
  uint32_t stamp_ = 0;
};

}  // namespace freshet::crdt
