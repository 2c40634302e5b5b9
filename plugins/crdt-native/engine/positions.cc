#include "positions.h"

#include <algorithm>

#include "tree.h"

namespace freshet::crdt {

namespace {

constexpr uint32_t kBlockItems = 512;

uint64_t units_of(const Item& item) {
  return item.deleted || item.kind() == Kind::format ? 0 : item.len;
}
uint32_t formats_of(const Item& item) { return !item.deleted && item.kind() == Kind::format; }

}  // namespace

void Positions::mark(uint32_t item) {
  if (marks_.size() <= item) marks_.resize(size_t{item} * 2 + 64);
  marks_[item] = true;
}

Positions::Blocks& Positions::blocks_of(const Tree& tree, uint32_t list) {
  if (lists_.empty()) marks_.clear();
  const auto [entry, fresh] = lists_.try_emplace(list);
  Blocks& blocks = entry->second;
  if (!fresh) return blocks;
  blocks.push_back({kNil, 0, 0});
  uint32_t count = 0;
  for (uint32_t at = tree.lists[list].head; at != kNil; at = tree.items[at].right) {
    if (count++ == kBlockItems) {
      blocks.push_back({at, 0, 0});
      mark(at);
      count = 1;
    }
    blocks.back().units += units_of(tree.items[at]);
    blocks.back().formats += formats_of(tree.items[at]);
  }
  return blocks;
}

uint32_t Positions::first_of(const Tree& tree, uint32_t list, const Block& block) {
  return block.first == kNil ? tree.lists[list].head : block.first;
}

// The block `number` has grown: `at` begins a new one, what is `before` it stays.
void Positions::cut(Blocks& blocks, size_t number, uint32_t at, const Block& before) {
  Block& block = blocks[number];
  const Block rest{at, block.units - before.units, block.formats - before.formats};
  block.units = before.units;
  block.formats = before.formats;
  mark(at);
  blocks.insert(blocks.begin() + static_cast<ptrdiff_t>(number) + 1, rest);
}

Positions::Found Positions::find(const Tree& tree, uint32_t list, uint64_t unit) {
  Blocks& blocks = blocks_of(tree, list);
  size_t number = 0;
  while (number < blocks.size() && unit >= blocks[number].units) unit -= blocks[number++].units;
  if (number == blocks.size()) return {};
  Block seen{};
  uint32_t steps = 0;
  for (uint32_t at = first_of(tree, list, blocks[number]);; at = tree.items[at].right) {
    if (++steps > 2 * kBlockItems) {
      cut(blocks, number++, at, seen);
      seen = {};
      steps = 1;
    }
    const Item& item = tree.items[at];
    const uint64_t units = units_of(item);
    if (unit < units) return {at, static_cast<uint32_t>(unit)};
    unit -= units;
    seen.units += units;
    seen.formats += formats_of(item);
  }
}

uint64_t Positions::length(const Tree& tree, uint32_t list) {
  uint64_t units = 0;
  for (const Block& block : blocks_of(tree, list)) units += block.units;
  return units;
}

uint64_t Positions::up_to(const Tree& tree, uint32_t list, uint32_t item) {
  blocks_of(tree, list);
  const Block* const last = block_of(tree, item);
  const Blocks& blocks = blocks_of(tree, list);  // made again if it was given up
  uint64_t units = 0;
  const Block* block = blocks.data();
  if (last != nullptr) {
    for (; block != last; ++block) units += block->units;
  }
  for (uint32_t at = first_of(tree, list, *block);; at = tree.items[at].right) {
    units += units_of(tree.items[at]);
    if (at == item) return units;
  }
}

uint32_t Positions::last(const Tree& tree, uint32_t list) {
  Blocks& blocks = blocks_of(tree, list);
  uint32_t at = first_of(tree, list, blocks.back());
  if (at == kNil) return kNil;
  Block seen{};
  for (uint32_t steps = 1; tree.items[at].right != kNil; at = tree.items[at].right, ++steps) {
    if (steps > 2 * kBlockItems) {
      cut(blocks, blocks.size() - 1, at, seen);
      seen = {};
      steps = 1;
    }
    seen.units += units_of(tree.items[at]);
    seen.formats += formats_of(tree.items[at]);
  }
  return at;
}

void Positions::formats_before(const Tree& tree, uint32_t list, uint32_t end,
                               std::vector<uint32_t>& out) {
  if (end == kNil) return;
  blocks_of(tree, list);
  const Block* const last = block_of(tree, end);
  const Blocks& blocks = blocks_of(tree, list);  // made again if it was given up
  for (const Block& block : blocks) {
    const bool at_last = &block == last;
    uint32_t left = block.formats;
    for (uint32_t at = first_of(tree, list, block); left > 0 && at != kNil;
         at = tree.items[at].right) {
      if (formats_of(tree.items[at]) != 0) {
        out.push_back(at);
        --left;
      }
      if (at == end) return;
    }
    if (at_last) return;
  }
}

// The block an item of an indexed list is in; nullptr if its list has no index.
Positions::Block* Positions::block_of(const Tree& tree, uint32_t item) {
  const auto entry = lists_.find(tree.items[item].list);
  if (entry == lists_.end()) return nullptr;
  Blocks& blocks = entry->second;
  uint32_t steps = 0;
  for (uint32_t at = item; at != kNil; at = tree.items[at].left) {
    // Many were added at one place and nobody asked: cheaper to make it again when somebody does.
    if (++steps > 16 * kBlockItems) {
      lists_.erase(entry);
      return nullptr;
    }
    if (!marked(at)) continue;
    const auto block =
        std::find_if(blocks.begin(), blocks.end(), [&](const Block& b) { return b.first == at; });
    if (block != blocks.end()) return &*block;
    marks_[at] = false;  // of an index that was dropped
  }
  return &blocks.front();
}

void Positions::added(const Tree& tree, uint32_t item) {
  if (marked(item)) marks_[item] = false;  // of an item that had this number before
  Block* block = block_of(tree, item);
  if (block == nullptr) return;
  block->units += units_of(tree.items[item]);
  block->formats += formats_of(tree.items[item]);
}

void Positions::removing(const Tree& tree, uint32_t item) {
  Block* block = block_of(tree, item);
  if (block == nullptr) return;
  block->units -= units_of(tree.items[item]);
  block->formats -= formats_of(tree.items[item]);
}

// If a block starts here, it goes on with the next item.
void Positions::joining(const Tree& tree, uint32_t number) {
  if (!marked(number)) return;
  marks_[number] = false;
  const auto entry = lists_.find(tree.items[number].list);
  if (entry == lists_.end()) return;
  Blocks& blocks = entry->second;
  const auto block =
      std::find_if(blocks.begin(), blocks.end(), [&](const Block& b) { return b.first == number; });
  if (block == blocks.end()) return;
  const Item& item = tree.items[number];
  Block& before = *(block - 1);
  if (item.right == kNil || marked(item.right)) {
    before.units += block->units;
    before.formats += block->formats;
    blocks.erase(block);
    return;
  }
  before.units += units_of(item);
  block->units -= units_of(item);
  block->first = item.right;
  mark(item.right);
}

size_t Positions::memory_bytes() const {
  size_t bytes = marks_.capacity() / 8;
  for (const auto& [list, blocks] : lists_) bytes += blocks.capacity() * sizeof(Block);
  return bytes;
}

}  // namespace freshet::crdt
