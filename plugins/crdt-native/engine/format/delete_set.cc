#include "format/delete_set.h"

namespace freshet::crdt {

namespace {

// `before` tells which client comes first.
template <class Before>
void join_by(std::vector<DeletedRange>& ranges, Before before) {
  std::sort(ranges.begin(), ranges.end(), [&](const DeletedRange& a, const DeletedRange& b) {
    return a.client != b.client ? before(a.client, b.client) : a.clock < b.clock;
  });
  size_t kept = 0;
  for (const DeletedRange& range : ranges) {
    DeletedRange* last = kept > 0 ? &ranges[kept - 1] : nullptr;
    if (last != nullptr && last->client == range.client && range.clock <= last->end()) {
      last->len = std::max(last->end(), range.end()) - last->clock;
    } else {
      ranges[kept++] = range;
    }
  }
  ranges.resize(kept);
}

}  // namespace

void DeleteSet::join() {
  join_by(ranges_, [](uint32_t a, uint32_t b) { return a < b; });
}

void DeleteSet::join(const ClientTable& clients) {
  join_by(ranges_, [&](uint32_t a, uint32_t b) { return clients.precedes(a, b); });
}

bool DeleteSet::contains(const DeletedRange& range) const {
  const auto next =
      std::upper_bound(begin(), end(), range, [](const DeletedRange& a, const DeletedRange& b) {
        return a.client != b.client ? a.client < b.client : a.clock < b.clock;
      });
  if (next == begin()) return false;
  const DeletedRange& found = *std::prev(next);
  return found.client == range.client && range.end() <= found.end();
}

}  // namespace freshet::crdt
