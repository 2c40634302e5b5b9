// How a struct finds its place.
#include <algorithm>
#include <cassert>

#include "freshet/crdt/limits.h"
#include "tree/tree.h"
#include "values/values.h"

namespace freshet::crdt {

namespace {

// A shorter scan says nothing about its list.
constexpr uint64_t kLongScan = 32;

}  // namespace

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
  if (skip == 0 && item.kind == Kind::string && !held_ && item.origin() &&
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
    const uint32_t left = find_place(arrival);
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
    if (arrival.origin) rejoin({arrival.origin.client, arrival.origin.clock + 1});
    if (arrival.right_origin) rejoin(arrival.right_origin);
  }
}

// Mostly the two are next to each other, and the second needs no search.
void Tree::find_neighbours(Arrival& arrival) {
  if (arrival.origin) arrival.left = ending_at(arrival.origin);
  if (!arrival.right_origin) return;
  const uint32_t next = arrival.left == kNil ? kNil : items[arrival.left].right;
  if (next != kNil && items[next].id() == arrival.right_origin) {
    arrival.right = next;
    return;
  }
  arrival.right = starting_at(arrival.right_origin);
  // A forged one may lie within the item on the left, which is cut short now.
  if (arrival.origin.client == arrival.right_origin.client) {
    arrival.left = ending_at(arrival.origin);
  }
}

void Tree::add_gc(uint32_t number, uint32_t len) {
  Client& client = clients[number];
  deletions_of(client).dirty = true;
  if (client.last != kNil && items[client.last].kind() == Kind::gc) {
    items[client.last].len += len;
    client.index.touch_last();
    if (!held_) join_lefts(client, client.index.last());
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

// The left neighbour among the items that others inserted at the same place.
uint32_t Tree::find_place(const Arrival& arrival) {
  const uint32_t left = arrival.left;
  const uint32_t at = left != kNil ? items[left].right : lists[arrival.list].head;
  if (at == arrival.right) return left;
  if (ListOrder* order = order_of(arrival.list)) {
    const bool here = arrival.right != kNil && items[arrival.right].list == arrival.list;
    return order->place({.client_id = table.id(arrival.client),
                         .origin = arrival.origin,
                         .right_origin = arrival.right_origin,
                         .left = left,
                         .right = here ? arrival.right : kNil},
                        scan_steps);
  }
  const uint64_t before = scan_steps;
  const uint32_t found = scan(arrival, at);
  if (const uint64_t steps = scan_steps - before; steps > std::min(kLongScan, crowd_steps)) {
    watch_crowd(arrival.list, steps);
  }
  return found;
}

ListOrder* Tree::order_of(uint32_t list) {
  return list != kNoList && lists[list].ordered ? crowds_.at(list).order.get() : nullptr;
}

// An order costs a walk over the list and some memory, so most lists never get one.
void Tree::watch_crowd(uint32_t list, uint64_t steps) {
  Crowd& crowd = crowds_[list];
  crowd.steps += steps;
  if (crowd.steps < crowd_steps) return;
  crowd.order =
      std::make_unique<ListOrder>(*this, order_homes_, lists[list].head, order_block_items);
  lists[list].ordered = true;
}

// The conflict resolution of YATA, from `at` on. Items seen by the scan are told by their stamp: at
// least `begin`, and those of the current group at least `cleared`.
uint32_t Tree::scan(const Arrival& arrival, uint32_t at) {
  if (stamps_.size() < items.bound()) stamps_.resize(items.bound() + items.bound() / 2);
  // A scan, and what may follow it, see an item once each.
  if (stamp_ > kNil - 2 * kMaxItems - 2) {
    std::fill(stamps_.begin(), stamps_.end(), 0);
    stamp_ = 0;
  }
  const uint64_t my_id = table.id(arrival.client);
  const uint32_t begin = stamp_ + 1;
  uint32_t left = arrival.left;
  uint32_t previous = kNil;
  uint32_t cleared = begin;
  for (; at != kNil && at != arrival.right; previous = at, at = items[at].right) {
    ++scan_steps;
    stamps_[at] = ++stamp_;
    const Item& other = items[at];
    const Id origin = other.origin();
    if (origin == arrival.origin) {
      if (table.id(other.client) < my_id) {
        left = at;
        cleared = stamp_ + 1;
      } else if (other.right_origin() == arrival.right_origin) {
        break;
      }
    } else if (origin) {
      const bool near = previous != kNil && items[previous].covers(origin);
      const uint32_t holder = near ? previous : covering(origin);
      if (stamps_[holder] < begin) break;
      if (stamps_[holder] < cleared) {
        left = at;
        cleared = stamp_ + 1;
      }
    } else {
      break;
    }
  }
  return left;
}

// Whether the struct only makes the client's last item longer.
bool Tree::joins_last(const Arrival& arrival, const WireStruct& item, uint32_t left) const {
  const Client& client = clients[arrival.client];
  if (left == kNil || left != client.last || held_) return false;
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
  if (ListOrder* order = order_of(arrival.list)) order->linked(index, left);
  // Only the last item of a key counts; the one it follows is overwritten.
  if (keyed && right == kNil && left != kNil) remove_item(left);
  if ((keyed && right != kNil) || (holder != kNil && items[holder].deleted)) remove_item(index);
}

// Where the content went, see Item::content.
uint32_t Tree::add_content(const WireStruct& item, uint32_t skip, uint32_t index) {
  Client& client = clients[item.client];
  Bytes content = item.content();
  if (item.kind == Kind::type) return add_type(item, index);
  if (item.kind == Kind::string) {
    const uint32_t unit = client.text.units();
    if (skip > 0) {
      static constexpr uint8_t kReplacement[] = {0xef, 0xbf, 0xbd};
      const Utf16Place place = utf16_place(content, skip);
      if (place.inside) client.text.append(kReplacement, 1);
      content = content.subspan(place.byte + (place.inside ? 4 : 0));
      skip += place.inside ? 1 : 0;
    }
    client.text.append(content, item.len - skip);
    return unit;
  }
  if (!client.values) client.values = std::make_unique<ValueLog>();
  const uint32_t first = client.values->count();
  if (item.kind != Kind::any && item.kind != Kind::json) {
    client.values->append(content);
    return first;
  }
  Reader in(content);
  size_t budget = kStoredLimits.values;
  for (uint32_t i = 0; i < item.len; ++i) {
    const Bytes rest = in.rest();
    if (item.kind == Kind::any) {
      skip_any(in, budget);
    } else {
      in.bytes();
    }
    if (i >= skip) client.values->append(rest.first(rest.size() - in.remaining()));
  }
  return first;
}

uint32_t Tree::add_type(const WireStruct& item, uint32_t index) {
  Reader in(item.content());
  Type type{.item = index, .ref = static_cast<uint8_t>(in.varuint())};
  if (!in.at_end()) type.name = names.intern(in.string());
  if (free_types_.empty()) {
    types.push_back(type);
    return static_cast<uint32_t>(types.size() - 1);
  }
  const uint32_t number = free_types_.back();
  free_types_.pop_back();
  types[number] = type;
  return number;
}

}  // namespace freshet::crdt
