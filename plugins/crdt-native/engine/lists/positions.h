// Where in a list the n-th visible unit is.
//
// An index is made for a list when somebody first asks, which costs a walk over it, and kept while
// changes are made under Tree::hold(). It cuts the list into blocks of some dozen items, each with
// the units that are visible in it, and puts some hundred blocks into a group. A position is found
// by adding up groups, then the blocks of one, then the items of one of those: with n items in
// O(n / 2048) additions and some hundred steps. Blocks are next to each other in memory and items
// are not, so there are few items in a block. No index, no cost.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "items/items.h"

namespace freshet::crdt {

class Records;

class Positions {
 public:
  struct Found {
    uint32_t item = kNil;
    uint32_t offset = 0;  // of the unit within the item
  };

  bool any() const { return !lists_.empty(); }

  // The item with visible unit `unit` of the list; no item if there are not so many.
  Found find(const Records& records, uint32_t list, uint64_t unit);
  // All visible units.
  uint64_t length(const Records& records, uint32_t list);
  // The visible units from the head to the end of `item`, which is in the list.
  uint64_t up_to(const Records& records, uint32_t list, uint32_t item);
  // The last item, tombstones included; kNil if the list is empty.
  uint32_t last(const Records& records, uint32_t list);
  // Appends the living Format items from the head to `end`, which is included (kNil: none).
  void formats_before(const Records& records, uint32_t list, uint32_t end,
                      std::vector<uint32_t>& out);

  // The tree tells what happens to its items: after it added one, before it removes one, before it
  // joins one with its left neighbour.
  void added(const Records& records, uint32_t item);
  void removing(const Records& records, uint32_t item);
  void joining(const Records& records, uint32_t item);

  void drop(uint32_t list) {
    if (any()) forget(list);
  }
  void drop_all();
  size_t memory_bytes() const;

 private:
  struct Block {
    uint32_t first;  // item; kNil for the first block: the head of the list, whichever that is
    uint32_t formats;
    uint64_t units;
  };
  struct Group {
    std::vector<Block> blocks;
    uint64_t units = 0;
    uint32_t formats = 0;
  };
  using Groups = std::vector<std::unique_ptr<Group>>;
  struct Spot {
    Group* group = nullptr;
    size_t block = 0;
    Block& operator*() const { return group->blocks[block]; }
  };

  Groups& groups_of(const Records& records, uint32_t list);
  void append(Groups& groups, uint32_t first);
  Spot spot_of(const Records& records, uint32_t item);
  void change(const Records& records, uint32_t item, bool more);
  static uint32_t first_of(const Records& records, uint32_t list, const Block& block);
  bool starts_block(uint32_t item) const { return item < starts_.size() && starts_[item]; }
  void start_at(uint32_t item, Group* group);
  void unstart(uint32_t item);
  bool shorten(const Records& records, uint32_t list, Groups& groups, size_t group, size_t block);
  void split_group(Groups& groups, size_t group);
  void forget(uint32_t list);

  std::unordered_map<uint32_t, Groups> lists_;
  std::unordered_map<uint32_t, Group*> starts_in_;  // by the first item of a block
  std::vector<bool> starts_;                        // whether an item is in there
};

}  // namespace freshet::crdt
