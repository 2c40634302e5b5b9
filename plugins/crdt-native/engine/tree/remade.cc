#include "tree/remade.h"

#include <iterator>

namespace freshet::crdt {

Id Remade::of(Id id) const {
  if (ranges_.empty()) return {};
  const auto next = ranges_.upper_bound(id_key(id));
  if (next == ranges_.begin()) return {};
  const auto& [first, range] = *std::prev(next);
  const uint32_t offset = id.clock - clock_of(first);
  if (client_of(first) != id.client || offset >= range.len) return {};
  return {range.now.client, range.now.clock + offset};
}

}  // namespace freshet::crdt
