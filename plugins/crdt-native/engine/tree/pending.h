// What has arrived before what it depends on: structs and deletions, parked.
//
// Each parked struct is registered under the first id it lacks and looked at again only when that
// id's client has passed it, so every struct is examined at most once for each of its (four)
// dependencies, however many others wait. Ordered by client and clock, because it is part of the
// encoded document.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "format/wire_struct.h"
#include "freshet/crdt/limits.h"
#include "items/clock_ranges.h"
#include "items/ids.h"

namespace freshet::crdt {

struct Parked {
  std::vector<uint8_t> wire;
  uint32_t len = 0;
};

class Pending {
 public:
  bool empty() const { return structs_.empty() && deletes_.empty(); }
  bool has_structs() const { return !structs_.empty(); }
  bool has_deletes() const { return !deletes_.empty(); }
  size_t structs() const { return structs_.size(); }
  size_t bytes() const { return bytes_ + deletes_.size() * kParkedOverheadBytes; }

  // Takes a copy. False if as much was parked there already. `state` is that of the struct's
  // client.
  bool park(const WireStruct& item, Id waits_for, uint32_t state);
  // A struct taken by take_ready that lacks something else.
  void park_again(IdKey key, Parked&& parked, Id waits_for, uint32_t state);

  // Moves out the structs that waited for a clock of this client below `state`.
  void take_ready(uint32_t client, uint32_t state, std::vector<std::pair<IdKey, Parked>>& out);

  // False if all of it was parked already.
  bool park_delete(uint32_t client, uint32_t from, uint32_t to) {
    return deletes_.add(client, from, to);
  }

  struct Range {
    uint32_t from;
    uint32_t to;
  };
  // Moves out the parts of parked deletions below `state`.
  void take_deletes(uint32_t client, uint32_t state, std::vector<Range>& out) {
    deletes_.take_below(client, state,
                        [&](uint32_t from, uint32_t to) { out.push_back({from, to}); });
  }

  const std::map<IdKey, Parked>& parked_structs() const { return structs_; }
  const ClockRanges& parked_deletes() const { return deletes_; }

 private:
  void wait(IdKey key, uint32_t len, Id waits_for, uint32_t state);

  std::map<IdKey, Parked> structs_;
  std::multimap<IdKey, IdKey> waits_;  // from the missing id to the struct
  ClockRanges deletes_;
  size_t bytes_ = 0;  // of the structs
};

}  // namespace freshet::crdt
