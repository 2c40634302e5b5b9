#include "tree/tree.h"

namespace freshet::crdt {

Tree::Tree(Gc gc, uint64_t seed) : Records(seed), gc_(gc == Gc::on) {}

uint32_t Tree::insert(uint32_t number, Place place, Kind kind, uint32_t len, Bytes content) {
  const uint32_t clock = clients[number].next;
  WireStruct wire;
  wire.at = content.data();
  wire.size = static_cast<uint32_t>(content.size());
  wire.client = number;
  wire.clock = clock;
  wire.len = len;
  wire.kind = kind;
  const Arrival arrival{.client = number,
                        .clock = clock,
                        .len = len,
                        .skip = 0,
                        .origin = place.left == kNil ? Id{} : items[place.left].last_id(),
                        .right_origin = place.right == kNil ? Id{} : items[place.right].id(),
                        .left = place.left,
                        .right = place.right,
                        .list = place.list};
  changes_.note_growth(number, clock);
  link(arrival, wire, placement.find(arrival));
  return clients[number].last;
}

uint32_t Tree::split_item(uint32_t index, uint32_t offset) {
  if (offset == 0) return index;
  const Item& item = items[index];
  if (offset == item.len) return item.right;
  Client& client = clients[item.client];
  return seams_.cut(client, client.index.find(item.clock), item.clock + offset);
}

size_t Tree::memory_bytes() const {
  return records_bytes() + placement.memory_bytes() + positions.memory_bytes();
}

}  // namespace freshet::crdt
