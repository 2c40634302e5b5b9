// The order of a crowded list, by which one more item finds its place without a look at each.
//
// YATA's conflict scan walks all that was inserted between an item's two origins. Most of it is
// walked for nothing: what descends from something the scan has passed. So a list that costs many
// steps gets an index: its items in order, in blocks, and for each block the leftmost origin that
// lies before the block. If that is behind the arrival's own origin, the block holds descendants
// only and is passed in one step; if it is the very same, what the block says of those siblings
// (their ids, their right origins) is enough to pass it, too; if it is before it, the scan ends in
// this block. The place found is the one the scan would find, for any history whatever.
//
// Owned by the Tree, which tells it of every item linked, split, joined or whose boundary moved.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "items/ids.h"

namespace freshet::crdt {

class Records;

// What is looking for its place: between two neighbours, kNil for the ends of the list.
struct Seeker {
  uint64_t client_id;
  Id origin;
  Id right_origin;
  uint32_t left;
  uint32_t right;
};

class ListOrder {
 public:
  // Of the list that begins with `head`. O(items). `homes` is shared by all orders of a tree: the
  // block of each item.
  ListOrder(const Records& records, std::vector<uint32_t>& homes, uint32_t head,
            uint32_t block_items);

  // The item to go right behind, kNil for the start. Adds to `steps` what was looked at.
  uint32_t place(const Seeker& seeker, uint64_t& steps);

  // Right behind `left`, kNil for the start.
  void linked(uint32_t item, uint32_t left);
  // `right` follows `left` and is about to become part of it.
  void joining(uint32_t left, uint32_t right);
  // `right` follows `left`; units are about to go from the one to the other.
  void moving(uint32_t left, uint32_t right);

  size_t memory_bytes() const;

 private:
  struct Spot {
    uint32_t rank;  // of the block
    uint32_t at;
  };
  // An origin that lies before its block. Its unit may have gone to a later block since it was
  // looked up, never to an earlier one.
  struct Outside {
    bool any = false;
    Id unit;  // none: before everything; kEndsAll: of an item that ends every scan
    uint32_t home = kNil;
  };
  struct Block {
    std::vector<uint32_t> items;
    uint32_t rank = 0;
    bool stale = true;
    Outside first;   // the leftmost
    Outside second;  // the leftmost of the others
    // Of the items whose origin is `first`: ids of their clients, and by right origin the largest.
    uint64_t least_id = 0;
    std::vector<std::pair<uint64_t, uint64_t>> rights;
  };
  struct Scan;

  // Larger than any id: nobody.
  static constexpr uint64_t kNoClientId = ~uint64_t{0};

  static constexpr Id kEndsAll{kNoClient, 1};

  Block& ranked(uint32_t rank) { return blocks_[order_[rank]]; }
  Spot spot(uint32_t item) const;
  Id origin(uint32_t item) const;
  bool before(Id a, Id b) const;
  bool before(const Outside& a, const Outside& b) const;
  Outside outside_of(const Block& block, uint32_t item, uint32_t previous) const;

  void refresh(Block& block);
  void note(Block& block, uint32_t item, const Outside& outside);
  void divide(uint32_t number);
  void gather(uint32_t left, uint32_t right);

  bool before_own(const Scan& scan, Id unit) const;
  bool look(Scan& scan, Spot from);
  bool pass(Scan& scan, uint32_t rank);
  void find_end(Scan& scan);
  uint32_t last_smaller(Scan& scan);
  uint32_t behind_family(Scan& scan, uint32_t smaller);
  uint32_t next_sibling(Scan& scan, Spot from);
  uint32_t next_that_descends_from_before(Scan& scan, uint32_t sibling);
  uint32_t tail() const;

  const Records& records_;
  std::vector<uint32_t>& homes_;
  const uint32_t block_items_;
  std::vector<Block> blocks_;
  std::vector<uint32_t> order_;  // blocks by rank
};

}  // namespace freshet::crdt
