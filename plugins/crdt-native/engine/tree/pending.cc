#include "tree/pending.h"

#include <algorithm>
#include <utility>

#include "freshet/crdt/limits.h"

namespace freshet::crdt {

void Pending::wait(Key key, uint32_t len, Id waits_for, uint32_t state) {
  waits_.emplace(Pending::key(waits_for.client, waits_for.clock), key);
  // Another struct may come to cover the beginning of this one, which then needs less than it did,
  // or all of it, which makes it useless.
  const uint32_t client = client_of(key);
  if (waits_for.client == client) return;
  const uint32_t first_unknown = clock_of(key) >= state ? clock_of(key) : clock_of(key) + len - 1;
  waits_.emplace(Pending::key(client, first_unknown), key);
}

bool Pending::park(const WireStruct& item, Id waits_for, uint32_t state) {
  const Key at = key(item.client, item.clock);
  auto [entry, fresh] = structs_.try_emplace(at);
  Parked& parked = entry->second;
  if (!fresh && parked.len >= item.len) return false;
  bytes_ += item.size + (fresh ? kParkedOverheadBytes : 0) - parked.wire.size();
  parked.wire.assign(item.at, item.at + item.size);
  parked.len = item.len;
  wait(at, item.len, waits_for, state);
  return true;
}

void Pending::park_again(Key at, Parked&& parked, Id waits_for, uint32_t state) {
  wait(at, parked.len, waits_for, state);
  bytes_ += parked.wire.size() + kParkedOverheadBytes;
  structs_.emplace(at, std::move(parked));
}

void Pending::take_ready(uint32_t client, uint32_t state,
                         std::vector<std::pair<Key, Parked>>& out) {
  const Key end = key(client, state);
  for (auto it = waits_.lower_bound(key(client, 0)); it != waits_.end() && it->first < end;) {
    // Registrations of structs that have gone meanwhile are dropped here.
    if (auto found = structs_.extract(it->second)) {
      bytes_ -= found.mapped().wire.size() + kParkedOverheadBytes;
      out.emplace_back(found.key(), std::move(found.mapped()));
    }
    it = waits_.erase(it);
  }
  if (structs_.empty()) waits_.clear();
}

bool Pending::park_delete(uint32_t client, uint32_t from, uint32_t to) {
  auto next = deletes_.upper_bound(key(client, from));
  if (next != deletes_.begin()) {
    const auto before = std::prev(next);
    if (client_of(before->first) == client && before->second >= from) {
      if (before->second >= to) return false;
      from = clock_of(before->first);
      deletes_.erase(before);
      bytes_ -= kParkedOverheadBytes;
    }
  }
  while (next != deletes_.end() && client_of(next->first) == client &&
         clock_of(next->first) <= to) {
    to = std::max(to, next->second);
    next = deletes_.erase(next);
    bytes_ -= kParkedOverheadBytes;
  }
  deletes_.emplace(key(client, from), to);
  bytes_ += kParkedOverheadBytes;
  return true;
}

void Pending::take_deletes(uint32_t client, uint32_t state, std::vector<Range>& out) {
  const Key end = key(client, state);
  for (auto it = deletes_.lower_bound(key(client, 0)); it != deletes_.end() && it->first < end;) {
    const Range range{clock_of(it->first), it->second};
    it = deletes_.erase(it);
    bytes_ -= kParkedOverheadBytes;
    out.push_back({range.from, std::min(range.to, state)});
    if (range.to > state) park_delete(client, state, range.to);
  }
}

}  // namespace freshet::crdt
