#include "lists/list_order.h"

#include <algorithm>

#include "lists/records.h"

namespace freshet::crdt {

// One search for a place.
struct ListOrder::Scan {
  const Seeker& seeker;
  uint64_t& steps;
  Spot own{0, 0};              // of the item that ends with the origin, if there is one
  uint32_t right_home = kNil;  // the block of the right origin, if it is in this list
  uint32_t end = kNil;         // the item at which the scan ends, kNil for the end of the list
  Spot end_spot{kNil, 0};
  // The last sibling with a smaller id, or the block that it is in.
  uint32_t smaller = kNil;
  uint32_t smaller_rank = kNil;

  bool ends_at(Spot at) const { return at.rank == end_spot.rank && at.at == end_spot.at; }
};

// ---- keeping the order ------------------------------------------------------------------------

ListOrder::ListOrder(const Records& records, std::vector<uint32_t>& homes, uint32_t head,
                     uint32_t block_items)
    : records_(records), homes_(homes), block_items_(block_items) {
  if (homes_.size() < records.items.bound()) homes_.resize(records.items.bound() + 256, kNil);
  blocks_.emplace_back();
  for (uint32_t at = head; at != kNil; at = records.items[at].right) {
    if (blocks_.back().items.size() >= block_items_ / 2 + 1) blocks_.emplace_back();
    blocks_.back().items.push_back(at);
    homes_[at] = static_cast<uint32_t>(blocks_.size() - 1);
  }
  for (uint32_t i = 0; i < blocks_.size(); ++i) {
    blocks_[i].rank = i;
    order_.push_back(i);
  }
}

void ListOrder::linked(uint32_t item, uint32_t left) {
  if (homes_.size() < records_.items.bound()) {
    homes_.resize(records_.items.bound() + records_.items.bound() / 4 + 256, kNil);
  }
  uint32_t number = order_[0];
  size_t at = 0;
  if (left != kNil) {
    number = homes_[left];
    at = spot(left).at + 1;
  }
  Block* block = &blocks_[number];
  if (block->items.size() >= block_items_) {
    divide(number);
    if (left != kNil) {
      number = homes_[left];
      at = spot(left).at + 1;
    }
    block = &blocks_[number];
  }
  block->items.insert(block->items.begin() + static_cast<ptrdiff_t>(at), item);
  homes_[item] = number;
  if (!block->stale) note(*block, item, outside_of(*block, item, left));
}

// What is looked up as in the left half stays true: the right half is behind it.
void ListOrder::divide(uint32_t number) {
  const auto fresh = static_cast<uint32_t>(blocks_.size());
  blocks_.emplace_back();
  Block& left = blocks_[number];
  Block& right = blocks_.back();
  const auto middle = left.items.begin() + static_cast<ptrdiff_t>(left.items.size() / 2);
  right.items.assign(middle, left.items.end());
  left.items.erase(middle, left.items.end());
  left.stale = true;
  for (const uint32_t item : right.items) homes_[item] = fresh;
  order_.insert(order_.begin() + left.rank + 1, fresh);
  for (uint32_t rank = left.rank + 1; rank < order_.size(); ++rank) ranked(rank).rank = rank;
}

// Units that may go from one to the other have to stay in one block, or go to a later one.
void ListOrder::gather(uint32_t left, uint32_t right) {
  if (homes_[left] == homes_[right]) return;
  Block& from = blocks_[homes_[left]];
  Block& to = blocks_[homes_[right]];
  from.items.pop_back();
  to.items.insert(to.items.begin(), left);
  homes_[left] = homes_[right];
  from.stale = to.stale = true;
}

void ListOrder::joining(uint32_t left, uint32_t right) {
  gather(left, right);
  // The origin of `right` is in `left`, so the block says nothing of it.
  std::vector<uint32_t>& items = blocks_[homes_[right]].items;
  items.erase(std::find(items.begin(), items.end(), right));
}

void ListOrder::moving(uint32_t left, uint32_t right) { gather(left, right); }

size_t ListOrder::memory_bytes() const {
  size_t bytes =
      sizeof(*this) + blocks_.capacity() * sizeof(Block) + order_.capacity() * sizeof(uint32_t);
  for (const Block& block : blocks_) {
    bytes += block.items.capacity() * sizeof(uint32_t) +
             block.rights.capacity() * sizeof(block.rights[0]);
  }
  return bytes;
}

// ---- comparing places -------------------------------------------------------------------------

ListOrder::Spot ListOrder::spot(uint32_t item) const {
  const Block& block = blocks_[homes_[item]];
  const auto at = std::find(block.items.begin(), block.items.end(), item);
  return {block.rank, static_cast<uint32_t>(at - block.items.begin())};
}

Id ListOrder::origin(uint32_t item) const { return records_.items[item].origin(); }

bool ListOrder::before(Id a, Id b) const {
  if (!a || !b) return !a && (b || a.clock > b.clock);
  const uint32_t x = records_.covering(a), y = records_.covering(b);
  if (x == y) return a.clock < b.clock;
  const Spot i = spot(x), k = spot(y);
  return i.rank != k.rank ? i.rank < k.rank : i.at < k.at;
}

bool ListOrder::before(const Outside& a, const Outside& b) const {
  return a.any && (!b.any || before(a.unit, b.unit));
}

// ---- what a block knows -----------------------------------------------------------------------

ListOrder::Outside ListOrder::outside_of(const Block& block, uint32_t item,
                                         uint32_t previous) const {
  const Id unit = records_.items[item].backward ? kEndsAll : origin(item);
  if (!unit) return {true, unit, kNil};
  const bool near = previous != kNil && records_.items[previous].covers(unit);
  const uint32_t home = homes_[near ? previous : records_.covering(unit)];
  if (&blocks_[home] == &block) return {};
  return {true, unit, home};
}

void ListOrder::note(Block& block, uint32_t item, const Outside& outside) {
  if (!outside.any) return;
  const bool same = block.first.any && outside.unit == block.first.unit;
  if (!same && !before(outside, block.first)) {
    if (before(outside, block.second)) block.second = outside;
    return;
  }
  if (!same) {
    block.second = block.first;
    block.first = outside;
    block.least_id = kNoClientId;
    block.rights.clear();
  }
  const uint64_t id = records_.table.id(static_cast<uint32_t>(records_.items[item].client));
  block.least_id = std::min(block.least_id, id);
  const std::pair<uint64_t, uint64_t> entry{id_key(records_.items[item].right_origin()), 0};
  const auto at = std::lower_bound(block.rights.begin(), block.rights.end(), entry);
  if (at != block.rights.end() && at->first == entry.first) {
    at->second = std::max(at->second, id);
  } else {
    block.rights.insert(at, {entry.first, id});
  }
}

void ListOrder::refresh(Block& block) {
  if (!block.stale) return;
  block.stale = false;
  block.first = block.second = {};
  block.least_id = kNoClientId;
  block.rights.clear();
  uint32_t previous = kNil;
  for (const uint32_t item : block.items) {
    note(block, item, outside_of(block, item, previous));
    previous = item;
  }
}

// ---- the search -------------------------------------------------------------------------------

bool ListOrder::before_own(const Scan& scan, Id unit) const {
  const Id own = scan.seeker.origin;
  if (!unit || !own) return !unit && unit != own;
  const uint32_t holder = records_.covering(unit);
  if (holder == scan.seeker.left) return unit.clock < own.clock;
  const uint32_t rank = blocks_[homes_[holder]].rank;
  return rank != scan.own.rank ? rank < scan.own.rank : spot(holder).at < scan.own.at;
}

// Item by item as the plain scan, from a spot to the end of its block. True: the scan ends here.
bool ListOrder::look(Scan& scan, Spot from) {
  const Seeker& seeker = scan.seeker;
  const Block& block = ranked(from.rank);
  uint32_t previous = kNil;
  for (uint32_t at = from.at; at < block.items.size(); ++at) {
    ++scan.steps;
    const uint32_t index = block.items[at];
    const Item& item = records_.items[index];
    const Id unit = item.origin();
    bool ends = index == seeker.right || item.backward;
    if (!ends && unit == seeker.origin) {
      if (records_.table.id(static_cast<uint32_t>(item.client)) < seeker.client_id) {
        scan.smaller = index;
      } else {
        ends = item.right_origin() == seeker.right_origin;
      }
    } else if (!ends) {
      const bool near = previous != kNil && unit && records_.items[previous].covers(unit);
      ends = !near && before_own(scan, unit);
    }
    if (ends) {
      scan.end = index;
      scan.end_spot = {from.rank, at};
      return true;
    }
    previous = index;
  }
  return false;
}

// A whole block in one step if it can be. True: the scan ends in it.
bool ListOrder::pass(Scan& scan, uint32_t rank) {
  const Seeker& seeker = scan.seeker;
  Block& block = ranked(rank);
  ++scan.steps;
  if (block.items.empty()) return false;
  if (seeker.right != kNil && scan.right_home == order_[rank]) return look(scan, {rank, 0});
  refresh(block);
  const Outside& first = block.first;
  if (!first.any) return false;
  if (first.unit != seeker.origin) {
    if (first.home != kNil && blocks_[first.home].rank > scan.own.rank) return false;
    return before_own(scan, first.unit) && look(scan, {rank, 0});
  }
  const std::pair<uint64_t, uint64_t> entry{id_key(seeker.right_origin), 0};
  const auto at = std::lower_bound(block.rights.begin(), block.rights.end(), entry);
  if (at != block.rights.end() && at->first == entry.first && at->second >= seeker.client_id) {
    return look(scan, {rank, 0});
  }
  if (block.least_id < seeker.client_id) {
    scan.smaller = kNil;
    scan.smaller_rank = rank;
  }
  return false;
}

void ListOrder::find_end(Scan& scan) {
  uint32_t rank = 0;
  bool ended = false;
  if (scan.seeker.left != kNil) {
    scan.own = spot(scan.seeker.left);
    ended = look(scan, {scan.own.rank, scan.own.at + 1});
    rank = scan.own.rank + 1;
  }
  for (; !ended && rank < order_.size(); ++rank) ended = pass(scan, rank);
  if (!ended) scan.end_spot = {static_cast<uint32_t>(order_.size()), 0};
}

uint32_t ListOrder::last_smaller(Scan& scan) {
  if (scan.smaller != kNil || scan.smaller_rank == kNil) return scan.smaller;
  const Block& block = ranked(scan.smaller_rank);
  for (size_t at = block.items.size(); at-- > 0;) {
    ++scan.steps;
    const Item& item = records_.items[block.items[at]];
    if (item.origin() != scan.seeker.origin) continue;
    const uint64_t id = records_.table.id(static_cast<uint32_t>(item.client));
    if (id < scan.seeker.client_id) return block.items[at];
  }
  return kNil;
}

// The first sibling from a spot on, before the end.
uint32_t ListOrder::next_sibling(Scan& scan, Spot from) {
  for (uint32_t rank = from.rank; rank < order_.size() && rank <= scan.end_spot.rank; ++rank) {
    Block& block = ranked(rank);
    ++scan.steps;
    if (rank != from.rank && rank != scan.end_spot.rank) {
      refresh(block);
      if (!block.first.any || block.first.unit != scan.seeker.origin) continue;
    }
    for (uint32_t at = rank == from.rank ? from.at : 0; at < block.items.size(); ++at) {
      if (scan.ends_at({rank, at})) return kNil;
      ++scan.steps;
      if (origin(block.items[at]) == scan.seeker.origin) return block.items[at];
    }
  }
  return kNil;
}

// The first behind a sibling, before the end, that is no sibling and has its origin before that
// one. No honest history has any: descendants follow what they descend from.
uint32_t ListOrder::next_that_descends_from_before(Scan& scan, uint32_t sibling) {
  const Spot from = spot(sibling);
  const Id limit = records_.items[sibling].id();
  for (uint32_t rank = from.rank; rank < order_.size() && rank <= scan.end_spot.rank; ++rank) {
    Block& block = ranked(rank);
    ++scan.steps;
    if (rank != from.rank && rank != scan.end_spot.rank) {
      refresh(block);
      const bool sisters = block.first.any && block.first.unit == scan.seeker.origin;
      const Outside& lead = sisters ? block.second : block.first;
      if (!lead.any || (lead.home != kNil && blocks_[lead.home].rank > from.rank)) continue;
      if (!before(lead.unit, limit)) continue;
    }
    uint32_t previous = rank == from.rank ? sibling : kNil;
    for (uint32_t at = rank == from.rank ? from.at + 1 : 0; at < block.items.size(); ++at) {
      if (scan.ends_at({rank, at})) return kNil;
      ++scan.steps;
      const uint32_t item = block.items[at];
      const Id unit = origin(item);
      const bool near = previous != kNil && unit && records_.items[previous].covers(unit);
      if (unit != scan.seeker.origin && !near && before(unit, limit)) return item;
      previous = item;
    }
  }
  return kNil;
}

uint32_t ListOrder::tail() const {
  for (size_t rank = order_.size(); rank-- > 0;) {
    const Block& block = blocks_[order_[rank]];
    if (!block.items.empty()) return block.items.back();
  }
  return kNil;
}

// The last of what descends from `smaller`, in the sense of the scan: a sibling that is not passed
// ends it, unless something behind that descends from before it again.
uint32_t ListOrder::behind_family(Scan& scan, uint32_t smaller) {
  for (uint32_t last = smaller;;) {
    Spot from = spot(last);
    ++from.at;
    const uint32_t sibling = next_sibling(scan, from);
    if (sibling == kNil) return scan.end == kNil ? tail() : records_.items[scan.end].left;
    last = next_that_descends_from_before(scan, sibling);
    if (last == kNil) return records_.items[sibling].left;
  }
}

uint32_t ListOrder::place(const Seeker& seeker, uint64_t& steps) {
  Scan scan{.seeker = seeker, .steps = steps};
  if (seeker.right != kNil) scan.right_home = homes_[seeker.right];
  find_end(scan);
  const uint32_t smaller = last_smaller(scan);
  return smaller == kNil ? seeker.left : behind_family(scan, smaller);
}

}  // namespace freshet::crdt
