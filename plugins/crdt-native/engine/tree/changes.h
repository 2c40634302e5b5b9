// What one transaction did to a tree: the clients that grew and the content that was deleted.
#pragma once

#include <cstdint>
#include <vector>

#include "format/delete_set.h"
#include "items/items.h"

namespace freshet::crdt {

struct Changes {
  struct Growth {
    uint32_t client;
    uint32_t before;  // its next clock when the transaction began
  };
  std::vector<Growth> grown;
  DeleteSet deleted;  // what arrived as deleted included

  // The clients of `deleted` in the order in which something of theirs was deleted first.
  std::vector<uint32_t> deleted_clients;

  bool empty() const { return grown.empty() && deleted.empty(); }
  void clear() {
    static constexpr size_t kKeep = 1024;
    if (grown.capacity() > kKeep || deleted.capacity() > kKeep) *this = {};
    grown.clear();
    deleted.clear();
    deleted_clients.clear();
  }
  void note_growth(uint32_t client, uint32_t before) {
    if (grown.empty() || grown.back().client != client) grown.push_back({client, before});
  }
  void note_deletion(const Item& item) { note_deletion(item.client, item.clock, item.len); }
  void note_deletion(uint64_t client, uint32_t clock, uint32_t len) {
    deleted.add(static_cast<uint32_t>(client), clock, len);
  }
  // One entry per client, ranges joined; both by client number, then clock.
  void sort();
};

}  // namespace freshet::crdt
