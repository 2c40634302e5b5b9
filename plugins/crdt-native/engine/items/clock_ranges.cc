#include "items/clock_ranges.h"

#include <algorithm>
#include <iterator>

namespace freshet::crdt {

bool ClockRanges::add(uint32_t client, uint32_t from, uint32_t to) {
  auto next = ends_.upper_bound(id_key(client, from));
  if (next != ends_.begin()) {
    const auto before = std::prev(next);
    if (client_of(before->first) == client && before->second >= from) {
      if (before->second >= to) return false;
      from = clock_of(before->first);
      ends_.erase(before);
    }
  }
  while (next != ends_.end() && next->first <= id_key(client, to)) {
    to = std::max(to, next->second);
    next = ends_.erase(next);
  }
  ends_.emplace_hint(next, id_key(client, from), to);
  return true;
}

bool ClockRanges::contains(Id id) const {
  const auto next = ends_.upper_bound(id_key(id));
  if (next == ends_.begin()) return false;
  const auto& [first, end] = *std::prev(next);
  return client_of(first) == id.client && id.clock < end;
}

}  // namespace freshet::crdt
