#include "tree/tree.h"

#include <cassert>

namespace freshet::crdt {

Tree::Tree(Gc gc, uint64_t seed)
    : table(seed), names(seed), gc_(gc == Gc::on), roots_by_name_(seed), keyed_(seed) {}

// ---- finding ----------------------------------------------------------------------------------

uint32_t Tree::covering(Id id) const {
  const Client& client = clients[id.client];
  return client.index.item(client.index.find(id.clock));
}

const Item& Tree::item_at(Id id) const { return items[covering(id)]; }

uint32_t Tree::ending_at(Id id) {
  Client& client = clients[id.client];
  if (id.clock + 1 == client.next) return client.last;
  const Position at = client.index.find(id.clock);
  const uint32_t index = client.index.item(at);
  const Item& item = items[index];
  if (item.end() != id.clock + 1 && item.kind() != Kind::gc) split(client, at, id.clock + 1);
  return index;
}

uint32_t Tree::starting_at(Id id) {
  Client& client = clients[id.client];
  const Position at = client.index.find(id.clock);
  const uint32_t index = client.index.item(at);
  const Item& item = items[index];
  if (item.clock == id.clock || item.kind() == Kind::gc) return index;
  return split(client, at, id.clock);
}

Id Tree::missing(const WireStruct& item) const {
  return first_missing(item, [this](uint32_t client) { return clients[client].next; });
}

// ---- splitting and joining --------------------------------------------------------------------

uint32_t Tree::split(Client& client, Position at, uint32_t clock) {
  const uint32_t left_index = client.index.item(at);
  const uint32_t right_index = items.allocate();
  Item& left = items[left_index];
  Item& right = items[right_index];
  const uint32_t keep = clock - left.clock;
  right = left;
  right.clock = clock;
  right.len = left.len - keep;
  right.set_origin({static_cast<uint32_t>(left.client), clock - 1});
  right.backward = 0;
  right.left = left_index;
  right.content = left.content + keep;
  left.len = keep;
  left.right = right_index;
  if (right.right != kNil) {
    items[right.right].left = right_index;
  } else if (right.keyed) {
    lists[right.list].tail = right_index;
  }
  if (right.kind() == Kind::string) client.text.cut(right.content);
  client.index.touch(at);
  client.index.insert_after(at, clock, right_index);
  if (client.last == left_index) client.last = right_index;
  if (held_) to_join_.push_back(right.id());
  if (ListOrder* order = order_of(right.list)) order->linked(right_index, left_index);
  return right_index;
}

// Yjs' rule, which decides what goes on the wire as one struct. That contents of consecutive clocks
// and the same kind lie next to each other in their log needs no check: logs are in clock order.
bool Tree::can_join(const Item& left, const Item& right, uint32_t right_index) const {
  if (left.kind_bits != right.kind_bits || left.end() != right.clock) return false;
  if (left.kind() == Kind::gc) return true;
  if (!redone_.empty() && (redone(left.id()) || redone(right.id()))) return false;
  return is_run(left.kind()) && left.right == right_index && left.deleted == right.deleted &&
         right.origin() == left.last_id() && right.right_origin() == left.right_origin();
}

bool Tree::try_join(Client& client, Position right_at) {
  Position left_at = right_at;
  if (!client.index.previous(left_at)) return false;
  const uint32_t left_index = client.index.item(left_at);
  const uint32_t right_index = client.index.item(right_at);
  Item& left = items[left_index];
  const Item& right = items[right_index];
  if (!can_join(left, right, right_index)) return false;
  if (positions.any()) positions.joining(*this, right_index);
  if (right.kept) left.kept = 1;
  if (ListOrder* order = order_of(right.list)) order->joining(left_index, right_index);
  left.len += right.len;
  if (left.kind() != Kind::gc) {
    left.right = right.right;
    if (left.right != kNil) {
      items[left.right].left = left_index;
    } else if (left.keyed) {
      lists[left.list].tail = left_index;
    }
  }
  if (client.last == right_index) client.last = left_index;
  client.index.touch(left_at);
  client.index.erase(right_at);
  items.release(right_index);
  return true;
}

// Joins again what was split at this unit for a reference that turned out to need no boundary.
void Tree::rejoin(Id boundary) {
  if (held_) return;
  Client& client = clients[boundary.client];
  if (boundary.clock >= client.next) return;
  const Position at = client.index.find(boundary.clock);
  if (items[client.index.item(at)].clock == boundary.clock) join_lefts(client, at);
}

// Garbage is joined with all that is left of it; of anything else, the left one is joined already.
void Tree::join_lefts(Client& client, Position at) {
  while (try_join(client, at)) {
    client.index.previous(at);
    if (items[client.index.item(at)].kind() != Kind::gc) return;
  }
}

// ---- lists and types --------------------------------------------------------------------------

uint32_t Tree::find_root(std::string_view name) const {
  const uint32_t id = names.find(name);
  return id == kNil ? kNil : roots_by_name_.find(id);
}

uint32_t Tree::root(std::string_view name) {
  const uint32_t id = names.intern(name);
  uint32_t type = roots_by_name_.find(id);
  if (type == kNil) {
    type = static_cast<uint32_t>(types.size());
    types.push_back({.name = id});
    roots_by_name_.insert(id, type);
    roots.push_back(type);
  }
  return type;
}

uint32_t Tree::new_list(uint32_t type, uint32_t key) {
  uint32_t list = static_cast<uint32_t>(lists.size());
  if (free_lists_.empty()) {
    lists.emplace_back();
  } else {
    list = free_lists_.back();
    free_lists_.pop_back();
  }
  lists[list] = {.type = type, .key = key};
  return list;
}

uint32_t Tree::children_of(uint32_t type) {
  if (types[type].children == kNil) types[type].children = new_list(type, kNil);
  return types[type].children;
}

uint32_t Tree::keyed_list(uint32_t type, uint32_t key) {
  const uint64_t pair = uint64_t{type} << 32 | key;
  uint32_t list = keyed_.find(pair);
  if (list == kNil) {
    list = new_list(type, key);
    lists[list].next = types[type].keys;
    types[type].keys = list;
    keyed_.insert(pair, list);
  }
  return list;
}

// kNoList: the parent is unknown or gone, and the struct is kept as garbage.
uint32_t Tree::list_for(const WireStruct& item, uint32_t left, uint32_t right) {
  if (left != kNil || right != kNil) {
    if (left != kNil && items[left].kind() == Kind::gc) return kNoList;
    if (right != kNil && items[right].kind() == Kind::gc) return kNoList;
    return items[left != kNil ? left : right].list;
  }
  const ParentName name = parent_name(item);
  uint32_t type = kNil;
  if (item.parent_item) {
    const Item& holder = item_at(item.parent());
    if (holder.kind() != Kind::type) return kNoList;
    type = holder.content;
  } else {
    type = root(name.root);
  }
  return name.has_key ? keyed_list(type, names.intern(name.key)) : children_of(type);
}

DeletedCache& Tree::deletions_of(Client& client) {
  if (!client.deletions) client.deletions = std::make_unique<DeletedCache>();
  return *client.deletions;
}

size_t Tree::memory_bytes() const {
  size_t bytes = table.memory_bytes() + clients.capacity() * sizeof(Client) + items.memory_bytes() +
                 names.memory_bytes() + lists.capacity() * sizeof(List) +
                 types.capacity() * sizeof(Type) + roots_by_name_.memory_bytes() +
                 keyed_.memory_bytes() + stamps_.capacity() * sizeof(uint32_t) +
                 positions.memory_bytes();
  for (const auto& [list, crowd] : crowds_) {
    bytes += sizeof(crowd) + (crowd.order ? crowd.order->memory_bytes() : 0);
  }
  bytes += order_homes_.capacity() * sizeof(uint32_t);
  for (const Client& client : clients) {
    bytes += client.index.memory_bytes() + client.text.memory_bytes();
    if (client.values) bytes += sizeof(ValueLog) + client.values->memory_bytes();
    if (client.deletions) bytes += sizeof(DeletedCache) + client.deletions->encoded.capacity();
  }
  return bytes;
}

}  // namespace freshet::crdt
