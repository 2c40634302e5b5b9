#include "lists/placement.h"

#include <algorithm>

#include "freshet/crdt/limits.h"

namespace freshet::crdt {

namespace {

// A shorter scan says nothing about its list.
constexpr uint64_t kLongScan = 32;

}  // namespace

uint32_t Placement::search(const Arrival& arrival, uint32_t at) {
  if (ListOrder* order = order_of(arrival.list)) {
    const bool here = arrival.right != kNil && records_.items[arrival.right].list == arrival.list;
    return order->place({.client_id = records_.table.id(arrival.client),
                         .origin = arrival.origin,
                         .right_origin = arrival.right_origin,
                         .left = arrival.left,
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

// An order costs a walk over the list and some memory, so most lists never get one.
void Placement::watch_crowd(uint32_t list, uint64_t steps) {
  Crowd& crowd = crowds_[list];
  crowd.steps += steps;
  if (crowd.steps < crowd_steps) return;
  crowd.order = std::make_unique<ListOrder>(records_, order_homes_, records_.lists[list].head,
                                            order_block_items);
  records_.lists[list].ordered = true;
}

// The conflict resolution of YATA, from `at` on. Between the origins L and R of the arrival N
// stands what others have put there. Every item points at its own origin, the unit it was put
// behind:
//
//     L     a     a'    b     b'    c     R
//     ^-----'     |     |     |     |
//     ^-----------------'     |     |        a, b, c were put behind L, as N was: its siblings
//     ^-----------------------------'
//           ^-----'     ^-----'              a', b' were put behind one: they go where it goes
//
// All replicas have to put N at the same place, whatever came first. So siblings stand in the order
// of their ids, each with its own behind it, except that one with another right origin may stand
// before a smaller id: then what is smaller and comes later decides. The scan goes from left to
// right and remembers where N would go (`left`), and what it has walked since, of which nothing is
// decided yet (the group):
//
//     L     a     a'    b     b'    c     R
//           |     |     |           |
//         begin  left cleared       at
//           `- passed --'-- group --'
//
//     at this item                                    N goes
//     a sibling with a smaller id                     behind it: left = at, the group is passed
//     a sibling with a larger one and N's own R       before it: the scan ends
//     any other sibling                               undecided: one more in the group
//     its origin is in the group                      with that: one more in the group
//     its origin was passed                           behind it: left = at, the group is passed
//     its origin is left of L, or there is none       before it: the scan ends
//
// What was seen is told by stamps, which grow: at least `begin` in this scan, at least `cleared` in
// the group.
uint32_t Placement::scan(const Arrival& arrival, uint32_t at) {
  Items& items = records_.items;
  const ClientTable& table = records_.table;
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
      const uint32_t holder = near ? previous : records_.covering(origin);
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

size_t Placement::memory_bytes() const {
  size_t bytes = stamps_.capacity() * sizeof(uint32_t) + order_homes_.capacity() * sizeof(uint32_t);
  for (const auto& [list, crowd] : crowds_) {
    bytes += sizeof(crowd) + (crowd.order ? crowd.order->memory_bytes() : 0);
  }
  return bytes;
}

}  // namespace freshet::crdt
