// tests/sim/update_ids.h: which units of content and which deletions an update holds.
//
// A reader of its own for the few kinds of content that simulated clients write, so that what the
// server promises about edits is not judged by the engine it runs on.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "freshet/bytes.h"

namespace freshet::sim {

// Ranges of clocks by client.
class IdRanges {
 public:
  using Spans = std::map<uint64_t, uint64_t>;  // begin to end, apart from each other

  void add(uint64_t client, uint64_t clock, uint64_t len);
  void add(const IdRanges& other);
  bool contains(uint64_t client, uint64_t clock, uint64_t len) const;
  bool empty() const { return clients_.empty(); }
  const std::map<uint64_t, Spans>& clients() const { return clients_; }

  // The first range of `other` that is not here: "client 7: 3..5".
  std::optional<std::string> lacks(const IdRanges& other) const;

  // Up to which clock all of a client is here, from 0.
  uint64_t end_of(uint64_t client) const;
  IdRanges of(uint64_t client) const;

 private:
  std::map<uint64_t, Spans> clients_;
};

struct UpdateIds {
  IdRanges structs;
  IdRanges deletes;

  void add(const UpdateIds& other) {
    structs.add(other.structs);
    deletes.add(other.deletes);
  }
  std::optional<std::string> lacks(const UpdateIds& other) const;
};

// For the trace: " 7:3..5 -9:1..2", with `sign` before each.
std::string shown(const IdRanges& ranges, const char* sign);
std::string shown(const UpdateIds& ids);

// Nothing if the bytes are no update of those kinds.
std::optional<UpdateIds> read_update_ids(Bytes update);
// The same, empty for what is none.
UpdateIds ids_of(Bytes update);

// A state vector: the clocks of each client from 0 on.
std::optional<IdRanges> read_state_vector(Bytes state_vector);

}  // namespace freshet::sim
