// Transactions on a tree: what is put off while one runs, and the order in which it is made up for.
//
// Source: Yjs 13.6's end of a transaction (cleanupTransactions), which settles first garbage, then
// what can be joined.
#include <algorithm>

#include "tree/tree.h"

namespace freshet::crdt {

void Tree::hold() {
  held_ = true;
  changes_.clear();
  to_join_.clear();
}

Changes& Tree::changes() {
  changes_.sort();
  return changes_;
}

// Everything in [from, to] may have become joinable with what is left of it.
void Tree::note_boundaries(uint32_t number, uint32_t from, uint32_t to) {
  const Client& client = clients[number];
  if (from >= client.next) return;
  Position at = client.index.find(from);
  do {
    const uint32_t clock = items[client.index.item(at)].clock;
    if (clock > to) return;
    boundaries_.push_back({number, clock});
  } while (client.index.next(at));
}

void Tree::settle(const Changes& changes) {
  if (gc_) {
    const DeleteSet::Ranges& deleted = changes.deleted.ranges();
    for (auto range = deleted.rbegin(); range != deleted.rend(); ++range) {
      collect(*range);
    }
  }
  held_ = false;
  join_changed(changes);
  collected_a_type_ = false;
  changes_.clear();
}

// In the order of Yjs, which joins what was deleted or is new in a transaction, then what was split
// or went with its type, each with its neighbours and garbage with all that is left of it. Other
// garbage stays apart: the overwritten values of a type's keys.
void Tree::join_changed(const Changes& changes) {
  boundaries_.clear();
  for (const DeletedRange& range : changes.deleted) {
    note_boundaries(range.client, range.clock, range.clock + range.len);
  }
  for (const Changes::Growth& growth : changes.grown) {
    note_boundaries(growth.client, growth.before, clients[growth.client].next);
  }
  // From the right, so that a long run is joined into one item in as many steps.
  std::sort(boundaries_.begin(), boundaries_.end(), [](Id a, Id b) {
    return a.client != b.client ? a.client < b.client : a.clock > b.clock;
  });
  boundaries_.erase(std::unique(boundaries_.begin(), boundaries_.end()), boundaries_.end());
  for (const Id id : boundaries_) rejoin(id);
  for (auto id = to_join_.rbegin(); id != to_join_.rend(); ++id) {
    Client& client = clients[id->client];
    if (Position next = client.index.find(id->clock); client.index.next(next)) {
      join_lefts(client, next);
    }
    join_lefts(client, client.index.find(id->clock));
  }
  static constexpr size_t kKeep = 1024;
  if (boundaries_.capacity() > kKeep) boundaries_ = {};
  if (to_join_.capacity() > kKeep) to_join_ = {};
  to_join_.clear();
}

void Tree::end_update() {
  if (collected_a_type_) join_changed(changes());
  collected_a_type_ = false;
  changes_.clear();
  compact_logs();
}

// Drops the content that was deleted, unless somebody keeps it.
void Tree::collect(const DeletedRange& range) {
  Client& client = clients[range.client];
  Position at = client.index.find(range.clock + range.len - 1);
  for (;;) {
    Item& item = items[client.index.item(at)];
    const uint32_t clock = item.clock;
    if (item.deleted && !item.kept && item.kind() != Kind::gc && item.kind() != Kind::deleted) {
      if (item.kind() == Kind::type) collect_type(item.content);
      bury(item, item.content, item.len);
      item.set_kind(Kind::deleted);
      client.index.touch(at);
    }
    if (clock <= range.clock || !client.index.previous(at)) return;
  }
}

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
  link(arrival, wire, find_place(arrival));
  return clients[number].last;
}

uint32_t Tree::split_item(uint32_t index, uint32_t offset) {
  if (offset == 0) return index;
  const Item& item = items[index];
  if (offset == item.len) return item.right;
  Client& client = clients[item.client];
  return split(client, client.index.find(item.clock), item.clock + offset);
}

uint32_t Tree::find_keyed(uint32_t type, std::string_view key) const {
  const uint32_t name = names.find(key);
  return name == kNil ? kNil : keyed_.find(uint64_t{type} << 32 | name);
}

uint64_t Tree::value_source(Id id) const {
  const uint64_t key = id_key(id);
  const auto it = value_sources_.find(key);
  return it == value_sources_.end() ? key : it->second;
}

void Tree::share_value(Id id, uint64_t source) { value_sources_.emplace(id_key(id), source); }

Id Tree::redone(Id id) const {
  if (redone_.empty()) return {};
  auto it = redone_.upper_bound(id_key(id));
  if (it == redone_.begin()) return {};
  --it;
  const auto client = static_cast<uint32_t>(it->first >> 32);
  const uint32_t offset = id.clock - static_cast<uint32_t>(it->first);
  if (client != id.client || offset >= it->second.len) return {};
  return {it->second.now.client, it->second.now.clock + offset};
}

void Tree::set_redone(uint32_t index, Id now) {
  const Item& item = items[index];
  redone_.insert_or_assign(id_key(item.id()), Redone{item.len, now});
}

}  // namespace freshet::crdt
