// Deleting, and collecting what nobody can see any more.
#include <algorithm>

#include "tree/tree.h"

namespace freshet::crdt {

bool Tree::remove(uint32_t number, uint32_t from, uint32_t to) {
  Client& client = clients[number];
  to = std::min(to, client.next);
  bool changed = false;
  for (uint32_t clock = from; clock < to;) {
    const Position at = client.index.find(clock);
    uint32_t index = client.index.item(at);
    const uint32_t end = items[index].end();
    if (items[index].deleted) {
      clock = end;
      continue;
    }
    const uint32_t stop = std::min(to, end);
    changed = true;
    if (!move_boundary(client, at, clock, stop)) {
      if (clock > items[index].clock) index = seams_.cut(client, at, clock);
      if (stop < end) seams_.cut(client, client.index.find(clock), stop);
      remove_item(index);
    }
    clock = stop;
  }
  return changed;
}

// Backspace and delete mostly take the end or start of a living run whose neighbour is deleted
// already: then only the boundary between the two moves, as if the part had been split off, deleted
// and joined with the neighbour.
bool Tree::move_boundary(Client& client, Position at, uint32_t from, uint32_t to) {
  const Item& item = items[client.index.item(at)];
  if (!gc_ || held() || item.keyed || !is_run(item.kind())) return false;
  if (from > item.clock) return to == item.end() && move_tail(client, at, from);
  return to < item.end() && move_head(client, at, to);
}

// Deletes [from, end) of the item at `at`, which a deleted item follows.
bool Tree::move_tail(Client& client, Position at, uint32_t from) {
  Position after = at;
  if (!client.index.next(after)) return false;
  const uint32_t next_index = client.index.item(after);
  Item& item = items[client.index.item(at)];
  Item& next = items[next_index];
  if (next.kind() != Kind::deleted || item.right != next_index || next.origin() != item.last_id() ||
      next.right_origin() != item.right_origin()) {
    return false;
  }
  const uint32_t moved = item.end() - from;
  if (ListOrder* order = placement.order_of(item.list))
    order->moving(client.index.item(at), next_index);
  item.len -= moved;
  next.clock -= moved;
  next.len += moved;
  next.origin_clock -= moved;
  if (notes()) changes_.note_deletion(next.client, from, moved);
  dead_.bury(item, item.content + item.len, moved);
  if (item.kind() == Kind::string) client.text.cut(item.content + item.len);
  client.index.touch(at);
  client.index.set_clock(after, from);
  deletions_of(client).dirty = true;
  return true;
}

// Deletes [clock, to) of the item at `at`, which follows a deleted item.
bool Tree::move_head(Client& client, Position at, uint32_t to) {
  Position before = at;
  if (!client.index.previous(before)) return false;
  const uint32_t index = client.index.item(at);
  Item& item = items[index];
  Item& previous = items[client.index.item(before)];
  if (previous.kind() != Kind::deleted || previous.right != index ||
      item.origin() != previous.last_id() || previous.right_origin() != item.right_origin()) {
    return false;
  }
  const uint32_t moved = to - item.clock;
  if (ListOrder* order = placement.order_of(item.list))
    order->moving(client.index.item(before), index);
  previous.len += moved;
  item.clock = to;
  item.len -= moved;
  item.origin_clock += moved;
  if (notes()) changes_.note_deletion(item.client, to - moved, moved);
  item.content += moved;
  dead_.bury(item, item.content - moved, moved);
  if (item.kind() == Kind::string) client.text.cut(item.content);
  client.index.touch(before);
  client.index.set_clock(at, to);
  deletions_of(client).dirty = true;
  return true;
}

// Deletes a whole item, with all that is in it.
void Tree::remove_item(uint32_t index) {
  Item& item = items[index];
  if (item.deleted) return;
  Client& client = clients[item.client];
  const uint32_t clock = item.clock;
  deletions_of(client).dirty = true;
  if (positions.any()) positions.removing(*this, index);
  item.deleted = 1;
  if (notes()) changes_.note_deletion(item);
  if (held()) {
    client.index.touch(client.index.find(clock));
    if (item.kind() == Kind::type) delete_children(item.content);
    return;
  }
  if (item.kind() == Kind::type) {
    if (gc_) {
      collect_type(item.content);
    } else {
      delete_children(item.content);
    }
  }
  if (gc_) {
    dead_.bury(item, item.content, item.len);
    item.set_kind(Kind::deleted);
  }
  const Position at = client.index.find(clock);
  client.index.touch(at);
  // Joining what follows leaves this one where it is.
  if (Position next = at; client.index.next(next)) seams_.try_join(client, next);
  seams_.try_join(client, at);
}

// An item goes with its type, deleted before or not.
void Tree::note_loss(const Item& item) {
  if (!item.deleted) return changes_.note_deletion(item);
  seams_.note(item.id());
}

// Without garbage collection children keep their content and are only marked.
void Tree::delete_children(uint32_t root_type) {
  std::vector<uint32_t> types_left{root_type};
  std::vector<uint32_t> doomed;
  while (!types_left.empty()) {
    const Type type = types[types_left.back()];
    types_left.pop_back();
    doomed.clear();
    if (type.children != kNil) {
      positions.drop(type.children);
      for (uint32_t at = lists[type.children].head; at != kNil; at = items[at].right) {
        doomed.push_back(at);
      }
    }
    for (uint32_t list = type.keys; list != kNil; list = lists[list].next) {
      if (lists[list].tail != kNil) doomed.push_back(lists[list].tail);
    }
    for (const uint32_t index : doomed) {
      Item& item = items[index];
      if (held()) note_loss(item);
      if (item.deleted) continue;
      item.deleted = 1;
      Client& client = clients[item.client];
      deletions_of(client).dirty = true;
      if (item.kind() == Kind::type) types_left.push_back(item.content);
    }
    // Marked all, then joined: joining frees items.
    for (size_t i = doomed.size(); i-- > 0;) {
      const Item& item = items[doomed[i]];
      Client& client = clients[item.client];
      const Position at = client.index.find(item.clock);
      client.index.touch(at);
      if (!held()) seams_.try_join(client, at);
    }
  }
}

// Everything below a type becomes garbage without a place. An explicit stack: types nest as deep as
// a peer likes.
void Tree::collect_type(uint32_t top) {
  collected_a_type_ = true;
  // What a hold put off was noted when it was deleted; what was deleted before is nobody's loss
  // now.
  std::vector<Doomed> stack{{top, !held()}};
  while (!stack.empty()) {
    const Doomed doomed = stack.back();
    stack.pop_back();
    const Type type = types[doomed.type];
    if (type.children != kNil) collect_list(type.children, doomed.lost_now, stack);
    for (uint32_t list = type.keys; list != kNil;) {
      const uint32_t next = lists[list].next;
      collect_list(list, doomed.lost_now, stack);
      list = next;
    }
    release_type(doomed.type);
  }
}

void Tree::collect_list(uint32_t list, bool lost_now, std::vector<Doomed>& stack) {
  positions.drop(list);
  placement.forget(list);
  const bool keyed = lists[list].key != kNil;
  for (uint32_t at = lists[list].head; at != kNil;) {
    Item& item = items[at];
    at = item.right;
    Client& client = clients[item.client];
    if (item.kind() == Kind::type) stack.push_back({item.content, lost_now && !item.deleted});
    // Of a key only the last value counted.
    if (lost_now && (!keyed || at == kNil)) note_loss(item);
    dead_.bury(item, item.content, item.len);
    deletions_of(client).dirty = true;
    item.set_kind(Kind::gc);
    item.deleted = 1;
    item.keyed = 0;
    item.list = kNoList;
    item.left = item.right = kNil;
    item.set_origin({});
    item.set_right_origin({});
    client.index.touch(client.index.find(item.clock));
  }
  release_list(list);
}

}  // namespace freshet::crdt
