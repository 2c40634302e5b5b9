#include "lists/positions.h"

#include <algorithm>

#include "lists/records.h"

namespace freshet::crdt {

namespace {

constexpr uint32_t kBlockItems = 16;
constexpr size_t kGroupBlocks = 128;
// Blocks and groups are cut when they are twice as large; a block that nobody asked for may grow.
constexpr uint32_t kMostSteps = 64 * kBlockItems;

uint64_t units_of(const Item& item) {
  return item.deleted || item.kind() == Kind::format ? 0 : item.len;
}
uint32_t formats_of(const Item& item) { return !item.deleted && item.kind() == Kind::format; }

}  // namespace

// ---- the index --------------------------------------------------------------------------------

void Positions::start_at(uint32_t item, Group* group) {
  if (item == kNil) return;
  if (starts_.size() <= item) starts_.resize(size_t{item} * 2 + 64);
  starts_[item] = true;
  starts_in_[item] = group;
}

void Positions::unstart(uint32_t item) {
  if (item == kNil) return;
  starts_[item] = false;
  starts_in_.erase(item);
}

void Positions::append(Groups& groups, uint32_t first) {
  if (groups.empty() || groups.back()->blocks.size() == kGroupBlocks) {
    groups.push_back(std::make_unique<Group>());
  }
  groups.back()->blocks.push_back({first, 0, 0});
  start_at(first, groups.back().get());
}

Positions::Groups& Positions::groups_of(const Records& records, uint32_t list) {
  const auto [entry, fresh] = lists_.try_emplace(list);
  Groups& groups = entry->second;
  if (!fresh) return groups;
  append(groups, kNil);
  uint32_t count = 0;
  for (uint32_t at = records.lists[list].head; at != kNil; at = records.items[at].right) {
    if (count++ == kBlockItems) {
      append(groups, at);
      count = 1;
    }
    Group& group = *groups.back();
    for (uint64_t* units : {&group.units, &group.blocks.back().units}) {
      *units += units_of(records.items[at]);
    }
    for (uint32_t* formats : {&group.formats, &group.blocks.back().formats}) {
      *formats += formats_of(records.items[at]);
    }
  }
  return groups;
}

uint32_t Positions::first_of(const Records& records, uint32_t list, const Block& block) {
  return block.first == kNil ? records.lists[list].head : block.first;
}

void Positions::forget(uint32_t list) {
  const auto entry = lists_.find(list);
  if (entry == lists_.end()) return;
  for (const auto& group : entry->second) {
    for (const Block& block : group->blocks) unstart(block.first);
  }
  lists_.erase(entry);
}

void Positions::drop_all() {
  lists_.clear();
  starts_in_.clear();
  starts_.clear();
}

// If the block has grown too long, its end becomes a block of its own. True if so: what was known
// of groups and blocks is then to be looked up again.
bool Positions::shorten(const Records& records, uint32_t list, Groups& groups, size_t number,
                        size_t which) {
  Group& group = *groups[number];
  const Block& block = group.blocks[which];
  const uint32_t next = which + 1 < group.blocks.size() ? group.blocks[which + 1].first
                        : number + 1 < groups.size()    ? groups[number + 1]->blocks[0].first
                                                        : kNil;
  Block kept{block.first, 0, 0};
  uint32_t at = first_of(records, list, block);
  for (uint32_t steps = 0; at != next; at = records.items[at].right, ++steps) {
    if (steps == 2 * kBlockItems) break;
    kept.units += units_of(records.items[at]);
    kept.formats += formats_of(records.items[at]);
  }
  if (at == next) return false;
  const Block rest{at, block.formats - kept.formats, block.units - kept.units};
  group.blocks[which] = kept;
  group.blocks.insert(group.blocks.begin() + static_cast<ptrdiff_t>(which) + 1, rest);
  start_at(at, &group);
  if (group.blocks.size() > 2 * kGroupBlocks) split_group(groups, number);
  return true;
}

void Positions::split_group(Groups& groups, size_t number) {
  Group& group = *groups[number];
  auto fresh = std::make_unique<Group>();
  const auto middle = group.blocks.begin() + kGroupBlocks;
  fresh->blocks.assign(middle, group.blocks.end());
  group.blocks.erase(middle, group.blocks.end());
  for (const Block& block : fresh->blocks) {
    start_at(block.first, fresh.get());
    fresh->units += block.units;
    fresh->formats += block.formats;
  }
  group.units -= fresh->units;
  group.formats -= fresh->formats;
  groups.insert(groups.begin() + static_cast<ptrdiff_t>(number) + 1, std::move(fresh));
}

// The block an item is in; no group if its list has no index.
Positions::Spot Positions::spot_of(const Records& records, uint32_t item) {
  const auto entry = lists_.find(records.items[item].list);
  if (entry == lists_.end()) return {};
  uint32_t at = item;
  for (uint32_t steps = 0; at != kNil && !starts_block(at); at = records.items[at].left) {
    // Many were added at one place and nobody asked: cheaper to make it again when somebody does.
    if (++steps > kMostSteps) {
      forget(records.items[item].list);
      return {};
    }
  }
  if (at == kNil) return {entry->second.front().get(), 0};
  Group* const group = starts_in_.at(at);
  size_t block = 0;
  while (group->blocks[block].first != at) ++block;
  return {group, block};
}

// ---- questions --------------------------------------------------------------------------------

Positions::Found Positions::find(const Records& records, uint32_t list, uint64_t unit) {
  Groups& groups = groups_of(records, list);
  for (;;) {
    uint64_t left = unit;
    size_t number = 0, which = 0;
    while (number < groups.size() && left >= groups[number]->units) left -= groups[number++]->units;
    if (number == groups.size()) return {};
    const std::vector<Block>& blocks = groups[number]->blocks;
    while (left >= blocks[which].units) left -= blocks[which++].units;
    uint32_t steps = 0;
    for (uint32_t at = first_of(records, list, blocks[which]);; at = records.items[at].right) {
      const uint64_t units = units_of(records.items[at]);
      if (left < units) return {at, static_cast<uint32_t>(left)};
      left -= units;
      if (++steps > 2 * kBlockItems) break;
    }
    if (!shorten(records, list, groups, number, which)) return {};
  }
}

uint64_t Positions::length(const Records& records, uint32_t list) {
  uint64_t units = 0;
  for (const auto& group : groups_of(records, list)) units += group->units;
  return units;
}

uint64_t Positions::up_to(const Records& records, uint32_t list, uint32_t item) {
  groups_of(records, list);
  const Spot spot = spot_of(records, item);
  const Groups& groups = groups_of(records, list);  // made again if it was given up
  uint64_t units = 0;
  uint32_t at = records.lists[list].head;
  if (spot.group != nullptr) {
    for (size_t i = 0; groups[i].get() != spot.group; ++i) units += groups[i]->units;
    for (size_t i = 0; i < spot.block; ++i) units += spot.group->blocks[i].units;
    at = first_of(records, list, *spot);
  }
  for (;; at = records.items[at].right) {
    units += units_of(records.items[at]);
    if (at == item) return units;
  }
}

uint32_t Positions::last(const Records& records, uint32_t list) {
  Groups& groups = groups_of(records, list);
  while (shorten(records, list, groups, groups.size() - 1, groups.back()->blocks.size() - 1)) {
  }
  uint32_t at = first_of(records, list, groups.back()->blocks.back());
  while (at != kNil && records.items[at].right != kNil) at = records.items[at].right;
  return at;
}

void Positions::formats_before(const Records& records, uint32_t list, uint32_t end,
                               std::vector<uint32_t>& out) {
  if (end == kNil) return;
  const Groups& all = groups_of(records, list);
  if (std::all_of(all.begin(), all.end(), [](const auto& group) { return group->formats == 0; })) {
    return;
  }
  const Spot last = spot_of(records, end);
  for (const auto& group : groups_of(records, list)) {
    for (size_t i = 0; i < group->blocks.size(); ++i) {
      const bool at_last = group.get() == last.group && i == last.block;
      uint32_t left = group->formats == 0 ? 0 : group->blocks[i].formats;
      for (uint32_t at = first_of(records, list, group->blocks[i]); left > 0;
           at = records.items[at].right) {
        if (formats_of(records.items[at]) != 0) {
          out.push_back(at);
          --left;
        }
        if (at == end) return;
      }
      if (at_last) return;
      if (group->formats == 0 && group.get() != last.group) break;
    }
  }
}

// ---- what happens to the tree -----------------------------------------------------------------

void Positions::change(const Records& records, uint32_t item, bool more) {
  const Spot spot = spot_of(records, item);
  if (spot.group == nullptr) return;
  const uint64_t units = units_of(records.items[item]);
  const uint32_t formats = formats_of(records.items[item]);
  // Less is more of the negative, which unsigned numbers wrap around to.
  (*spot).units += more ? units : 0 - units;
  (*spot).formats += more ? formats : 0 - formats;
  spot.group->units += more ? units : 0 - units;
  spot.group->formats += more ? formats : 0 - formats;
}

void Positions::added(const Records& records, uint32_t item) { change(records, item, true); }
void Positions::removing(const Records& records, uint32_t item) { change(records, item, false); }

// If a block starts here, it starts with the next item from now on, and if there is none or that
// starts one itself, it ends.
void Positions::joining(const Records& records, uint32_t number) {
  if (!starts_block(number)) return;
  const Item& item = records.items[number];
  const Spot spot = spot_of(records, number);
  const Spot before = spot_of(records, item.left);
  if (spot.group == nullptr || before.group == nullptr) return;
  const bool ends = item.right == kNil || starts_block(item.right);
  const uint64_t units = ends ? (*spot).units : units_of(item);
  const uint32_t formats = ends ? (*spot).formats : 0;
  (*before).units += units;
  (*before).formats += formats;
  before.group->units += units;
  before.group->formats += formats;
  (*spot).units -= units;
  (*spot).formats -= formats;
  spot.group->units -= units;
  spot.group->formats -= formats;
  unstart(number);
  if (!ends) {
    (*spot).first = item.right;
    return start_at(item.right, spot.group);
  }
  std::vector<Block>& blocks = spot.group->blocks;
  blocks.erase(blocks.begin() + static_cast<ptrdiff_t>(spot.block));
  if (!blocks.empty()) return;
  Groups& groups = lists_.at(item.list);
  std::erase_if(groups, [&](const auto& group) { return group->blocks.empty(); });
}

size_t Positions::memory_bytes() const {
  size_t bytes = starts_.capacity() / 8 + starts_in_.size() * 4 * sizeof(void*);
  for (const auto& [list, groups] : lists_) {
    for (const auto& group : groups) {
      bytes += sizeof(Group) + group->blocks.capacity() * sizeof(Block);
    }
  }
  return bytes;
}

}  // namespace freshet::crdt
