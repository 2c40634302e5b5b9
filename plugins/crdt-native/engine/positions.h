// Where in a list the n-th visible unit is.
//
// An index is made for a list when somebody first asks, which costs a walk over it, and kept while
// changes are made under Tree::hold(). It cuts the list into blocks of some hundred items, each
// with the units that are visible in it; a position is found by adding up blocks and walking one.
// With n items that is O(n / 512 + 512) steps over small numbers. No index, no cost.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "items.h"

namespace freshet::crdt {

class Tree;

class Positions {
 public:
  struct Found {
    uint32_t item = kNil;
    uint32_t offset = 0;  // of the unit within the item
  };

  bool any() const { return !lists_.empty(); }

  // The item with visible unit `unit` of the list; no item if there are not so many.
  Found find(const Tree& tree, uint32_t list, uint64_t unit);
  // All visible units.
  uint64_t length(const Tree& tree, uint32_t list);
  // The visible units from the head to the end of `item`, which is in the list.
  uint64_t up_to(const Tree& tree, uint32_t list, uint32_t item);
  // The last item, tombstones included; kNil if the list is empty.
  uint32_t last(const Tree& tree, uint32_t list);
  // Appends the living Format items from the head to `end`, which is included (kNil: none).
  void formats_before(const Tree& tree, uint32_t list, uint32_t end, std::vector<uint32_t>& out);

  // The tree tells what happens to its items: after it added one, before it removes one, before it
  // joins one with its left neighbour.
  void added(const Tree& tree, uint32_t item);
  void removing(const Tree& tree, uint32_t item);
  void joining(const Tree& tree, uint32_t item);

  void drop(uint32_t list) {
    if (any()) lists_.erase(list);
  }
  void drop_all() { lists_.clear(); }
  size_t memory_bytes() const;

 private:
  struct Block {
    uint32_t first;  // item; kNil for the first block: the head of the list, whichever that is
    uint64_t units;
    uint32_t formats;
  };
  using Blocks = std::vector<Block>;

  Blocks& blocks_of(const Tree& tree, uint32_t list);
  Block* block_of(const Tree& tree, uint32_t item);
  static uint32_t first_of(const Tree& tree, uint32_t list, const Block& block);
  void mark(uint32_t item);
  bool marked(uint32_t item) const { return item < marks_.size() && marks_[item]; }
  void cut(Blocks& blocks, size_t number, uint32_t at, const Block& before);

  std::unordered_map<uint32_t, Blocks> lists_;
  std::vector<bool> marks_;  // by item: starts a block
};

}  // namespace freshet::crdt
