// How a struct gets in.
#include "tree/tree.h"

namespace freshet::crdt {

// Text right behind the client's own last text, where nothing can have come between.
bool Tree::follows_last(const Client& client, Id origin, Id right_origin) const {
  if (client.last == kNil) return false;
  const Item& last = items[client.last];
  if (last.kind() != Kind::string || last.deleted || last.keyed || origin != last.last_id() ||
      right_origin != last.right_origin()) {
    return false;
  }
  return right_origin == (last.right == kNil ? Id{} : items[last.right].id());
}

// No search, no allocation but the text's own.
void Tree::extend_last(Client& client, Bytes text, uint32_t len) {
  client.text.append(text, len);
  items[client.last].len += len;
  client.next += len;
  client.index.touch_last();
}

void Tree::integrate(const WireStruct& item) {
  Client& client = clients[item.client];
  if (notes()) changes_.note_growth(item.client, client.next);
  const uint32_t skip = client.next - item.clock;
  if (skip == 0 && item.kind == Kind::string && !held() && item.origin() &&
      follows_last(client, item.origin(), item.right_origin())) {
    return extend_last(client, item.content(), item.len);
  }
  if (item.kind == Kind::gc) return add_gc(item.client, item.len - skip);

  Arrival arrival{.client = item.client,
                  .clock = client.next,
                  .len = item.len - skip,
                  .skip = skip,
                  .origin = skip > 0 ? Id{item.client, client.next - 1} : item.origin(),
                  .right_origin = item.right_origin(),
                  .left = kNil,
                  .right = kNil,
                  .list = kNoList};
  const size_t before = items.live();
  find_neighbours(arrival);
  const bool split_something = items.live() != before;
  arrival.list = list_for(item, arrival.left, arrival.right);

  if (arrival.list == kNoList) {
    add_gc(item.client, arrival.len);
  } else {
    const uint32_t left = placement.find(arrival);
    if (joins_last(arrival, item, left)) {
      Item& last = items[client.last];
      last.len += arrival.len;
      client.index.touch_last();
      client.next += arrival.len;
      if (item.kind == Kind::deleted) {
        deletions_of(client).dirty = true;
      } else {
        add_content(item, skip, client.last);
      }
    } else {
      link(arrival, item, left);
    }
  }
  if (split_something) {
    if (arrival.origin) seams_.rejoin({arrival.origin.client, arrival.origin.clock + 1});
    if (arrival.right_origin) seams_.rejoin(arrival.right_origin);
  }
}

// Mostly the two are next to each other, and the second needs no search.
void Tree::find_neighbours(Arrival& arrival) {
  if (arrival.origin) arrival.left = seams_.ending_at(arrival.origin);
  if (!arrival.right_origin) return;
  const uint32_t next = arrival.left == kNil ? kNil : items[arrival.left].right;
  if (next != kNil && items[next].id() == arrival.right_origin) {
    arrival.right = next;
    return;
  }
  arrival.right = seams_.starting_at(arrival.right_origin);
  // A forged one may lie within the item on the left, which is cut short now.
  if (arrival.origin.client == arrival.right_origin.client) {
    arrival.left = seams_.ending_at(arrival.origin);
  }
}

void Tree::add_gc(uint32_t number, uint32_t len) {
  Client& client = clients[number];
  deletions_of(client).dirty = true;
  if (client.last != kNil && items[client.last].kind() == Kind::gc) {
    items[client.last].len += len;
    client.index.touch_last();
    if (!held()) seams_.join_lefts(client, client.index.last());
  } else {
    const uint32_t index = items.allocate();
    Item& item = items[index] = Item{};
    item.client = number & kNoClient;
    item.clock = client.next;
    item.len = len;
    item.deleted = 1;
    client.index.push(client.next, index);
    client.last = index;
  }
  client.next += len;
}

// Whether the struct only makes the client's last item longer.
bool Tree::joins_last(const Arrival& arrival, const WireStruct& item, uint32_t left) const {
  const Client& client = clients[arrival.client];
  if (left == kNil || left != client.last || held()) return false;
  const Item& last = items[left];
  const bool deleted = item.kind == Kind::deleted;
  // In the chain of a key only tombstones are joined here: linking a value deletes the one before.
  return is_run(item.kind) && last.kind() == item.kind && (!last.keyed || deleted) &&
         (last.deleted != 0) == deleted && arrival.origin == last.last_id() &&
         arrival.right_origin == last.right_origin();
}

void Tree::link(const Arrival& arrival, const WireStruct& wire, uint32_t left) {
  Client& client = clients[arrival.client];
  const uint32_t index = items.allocate();
  List& list = lists[arrival.list];
  Item& item = items[index] = Item{};
  item.client = arrival.client & kNoClient;
  item.set_kind(wire.kind);
  item.set_origin(arrival.origin);
  item.set_right_origin(arrival.right_origin);
  item.list = arrival.list & kNoList;
  item.keyed = list.key != kNil;
  item.deleted = wire.kind == Kind::deleted;
  item.clock = arrival.clock;
  item.len = arrival.len;
  item.backward = arrival.left != kNil && items[arrival.left].last_id() != arrival.origin;
  item.left = left;
  if (left != kNil) {
    item.right = items[left].right;
    items[left].right = index;
  } else {
    item.right = list.head;
    list.head = index;
  }
  if (item.right != kNil) {
    items[item.right].left = index;
  } else if (item.keyed) {
    list.tail = index;
  }
  const uint32_t right = item.right;
  const bool keyed = item.keyed;
  const uint32_t holder = types[list.type].item;
  client.index.push(arrival.clock, index);
  client.last = index;
  client.next += arrival.len;
  if (wire.kind == Kind::deleted) {
    deletions_of(client).dirty = true;
    if (notes()) changes_.note_deletion(item);
  } else {
    item.content = add_content(wire, arrival.skip, index);
    if (wire.kind == Kind::format) types[lists[arrival.list].type].formatted = true;
  }
  if (positions.any()) positions.added(*this, index);
  if (ListOrder* order = placement.order_of(arrival.list)) order->linked(index, left);
  // Only the last item of a key counts; the one it follows is overwritten.
  if (keyed && right == kNil && left != kNil) remove_item(left);
  if ((keyed && right != kNil) || (holder != kNil && items[holder].deleted)) remove_item(index);
}

}  // namespace freshet::crdt
