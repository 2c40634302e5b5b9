// Ranges of clocks by client, apart from each other: those that touch are joined as they come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "items/ids.h"

namespace freshet::crdt {

class ClockRanges {
 public:
  // Adds the clocks [from, to). False if all of them were there.
  bool add(uint32_t client, uint32_t from, uint32_t to);
  bool contains(Id id) const;
  bool names(uint32_t client) const {
    const auto first = ends_.lower_bound(id_key(client, 0));
    return first != ends_.end() && client_of(first->first) == client;
  }

  // Takes out what lies below `to` and calls visit(from, to) with it, range by range.
  template <class Visit>
  void take_below(uint32_t client, uint32_t to, Visit visit) {
    auto it = ends_.lower_bound(id_key(client, 0));
    while (it != ends_.end() && it->first < id_key(client, to)) {
      const uint32_t from = clock_of(it->first), end = it->second;
      it = ends_.erase(it);
      if (end > to) it = ends_.emplace_hint(it, id_key(client, to), end);
      visit(from, end < to ? end : to);
    }
  }

  // visit(from, to) for each range of the client.
  template <class Visit>
  void each(uint32_t client, Visit visit) const {
    for (auto it = ends_.lower_bound(id_key(client, 0));
         it != ends_.end() && client_of(it->first) == client; ++it) {
      visit(clock_of(it->first), it->second);
    }
  }
  size_t count(uint32_t client) const {
    size_t ranges = 0;
    each(client, [&](uint32_t, uint32_t) { ++ranges; });
    return ranges;
  }

  bool empty() const { return ends_.empty(); }
  size_t size() const { return ends_.size(); }

 private:
  std::map<IdKey, uint32_t> ends_;  // by the first clock of each
};

}  // namespace freshet::crdt
