#include "tree/pending.h"

#include <utility>

namespace freshet::crdt {

void Pending::wait(IdKey key, uint32_t len, Id waits_for, uint32_t state) {
  waits_.emplace(id_key(waits_for), key);
  // Another struct may come to cover the beginning of this one, which then needs less than it did,
  // or all of it, which makes it useless.
  const uint32_t client = client_of(key);
  if (waits_for.client == client) return;
  const uint32_t first_unknown = clock_of(key) >= state ? clock_of(key) : clock_of(key) + len - 1;
  waits_.emplace(id_key(client, first_unknown), key);
}

bool Pending::park(const WireStruct& item, Id waits_for, uint32_t state) {
  const IdKey at = id_key(item.client, item.clock);
  auto [entry, fresh] = structs_.try_emplace(at);
  Parked& parked = entry->second;
  if (!fresh && parked.len >= item.len) return false;
  bytes_ += item.size + (fresh ? kParkedOverheadBytes : 0) - parked.wire.size();
  parked.wire.assign(item.at, item.at + item.size);
  parked.len = item.len;
  wait(at, item.len, waits_for, state);
  return true;
}

void Pending::park_again(IdKey at, Parked&& parked, Id waits_for, uint32_t state) {
  wait(at, parked.len, waits_for, state);
  bytes_ += parked.wire.size() + kParkedOverheadBytes;
  structs_.emplace(at, std::move(parked));
}

void Pending::take_ready(uint32_t client, uint32_t state,
                         std::vector<std::pair<IdKey, Parked>>& out) {
  const IdKey end = id_key(client, state);
  for (auto it = waits_.lower_bound(id_key(client, 0)); it != waits_.end() && it->first < end;) {
    // Registrations of structs that have gone meanwhile are dropped here.
    if (auto found = structs_.extract(it->second)) {
      bytes_ -= found.mapped().wire.size() + kParkedOverheadBytes;
      out.emplace_back(found.key(), std::move(found.mapped()));
    }
    it = waits_.erase(it);
  }
  if (structs_.empty()) waits_.clear();
}

}  // namespace freshet::crdt
