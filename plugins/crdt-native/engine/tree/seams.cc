#include "tree/seams.h"

namespace freshet::crdt {

uint32_t Seams::ending_at(Id id) {
  Client& client = records_.clients[id.client];
  if (id.clock + 1 == client.next) return client.last;
  const Position at = client.index.find(id.clock);
  const uint32_t index = client.index.item(at);
  const Item& item = records_.items[index];
  if (item.end() != id.clock + 1 && item.kind() != Kind::gc) cut(client, at, id.clock + 1);
  return index;
}

uint32_t Seams::starting_at(Id id) {
  Client& client = records_.clients[id.client];
  const Position at = client.index.find(id.clock);
  const uint32_t index = client.index.item(at);
  const Item& item = records_.items[index];
  if (item.clock == id.clock || item.kind() == Kind::gc) return index;
  return cut(client, at, id.clock);
}

uint32_t Seams::cut(Client& client, Position at, uint32_t clock) {
  const uint32_t left_index = client.index.item(at);
  const uint32_t right_index = records_.items.allocate();
  Item& left = records_.items[left_index];
  Item& right = records_.items[right_index];
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
    records_.items[right.right].left = right_index;
  } else if (right.keyed) {
    records_.lists[right.list].tail = right_index;
  }
  if (right.kind() == Kind::string) client.text.cut(right.content);
  client.index.touch(at);
  client.index.insert_after(at, clock, right_index);
  if (client.last == left_index) client.last = right_index;
  if (held_) note(right.id());
  if (ListOrder* order = placement_.order_of(right.list)) order->linked(right_index, left_index);
  return right_index;
}

// Yjs' rule, which decides what goes on the wire as one struct. That contents of consecutive clocks
// and the same kind lie next to each other in their log needs no check: logs are in clock order.
bool Seams::can_join(const Item& left, const Item& right, uint32_t right_index) const {
  if (left.kind_bits != right.kind_bits || left.end() != right.clock) return false;
  if (left.kind() == Kind::gc) return true;
  if (!remade_.empty() && (remade_.of(left.id()) || remade_.of(right.id()))) return false;
  return is_run(left.kind()) && left.right == right_index && left.deleted == right.deleted &&
         right.origin() == left.last_id() && right.right_origin() == left.right_origin();
}

bool Seams::try_join(Client& client, Position right_at) {
  Position left_at = right_at;
  if (!client.index.previous(left_at)) return false;
  const uint32_t left_index = client.index.item(left_at);
  const uint32_t right_index = client.index.item(right_at);
  Item& left = records_.items[left_index];
  const Item& right = records_.items[right_index];
  if (!can_join(left, right, right_index)) return false;
  if (positions_.any()) positions_.joining(records_, right_index);
  if (right.kept) left.kept = 1;
  if (ListOrder* order = placement_.order_of(right.list)) order->joining(left_index, right_index);
  left.len += right.len;
  if (left.kind() != Kind::gc) {
    left.right = right.right;
    if (left.right != kNil) {
      records_.items[left.right].left = left_index;
    } else if (left.keyed) {
      records_.lists[left.list].tail = left_index;
    }
  }
  if (client.last == right_index) client.last = left_index;
  client.index.touch(left_at);
  client.index.erase(right_at);
  records_.items.release(right_index);
  return true;
}

void Seams::rejoin(Id boundary) {
  if (held_) return;
  Client& client = records_.clients[boundary.client];
  if (boundary.clock >= client.next) return;
  const Position at = client.index.find(boundary.clock);
  if (records_.items[client.index.item(at)].clock == boundary.clock) join_lefts(client, at);
}

void Seams::join_lefts(Client& client, Position at) {
  while (try_join(client, at)) {
    client.index.previous(at);
    if (records_.items[client.index.item(at)].kind() != Kind::gc) return;
  }
}

void Seams::join_noted() {
  for (auto id = noted_.rbegin(); id != noted_.rend(); ++id) {
    Client& client = records_.clients[id->client];
    if (Position next = client.index.find(id->clock); client.index.next(next)) {
      join_lefts(client, next);
    }
    join_lefts(client, client.index.find(id->clock));
  }
  static constexpr size_t kKeep = 1024;
  if (noted_.capacity() > kKeep) release_memory(noted_);
  noted_.clear();
}

}  // namespace freshet::crdt
