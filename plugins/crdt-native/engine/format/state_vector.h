// Up to which clocks somebody has what clients wrote:
//
//   clients, and for each of them:  id, clock
//
// all of them numbers; ids descend. The clock is that of the first unit that is not there.
#pragma once

#include <cstdint>
#include <vector>

#include "freshet/format/codec.h"
#include "freshet/result.h"
#include "items/client_table.h"

namespace freshet::crdt {

// Clients are numbers of a table.
class StateVector {
 public:
  uint32_t of(uint32_t client) const { return client < clocks_.size() ? clocks_[client] : 0; }
  void set(uint32_t client, uint32_t clock) {
    if (client >= clocks_.size()) clocks_.resize(client + size_t{1});
    if (clocks_[client] == 0) named_.push_back(client);
    clocks_[client] = clock;
  }

  // Those that were set, in the order of the wire.
  std::vector<uint32_t> clients_in_order(const ClientTable& clients) const;
  void write(const ClientTable& clients, Writer& out) const;

 private:
  std::vector<uint32_t> clocks_;
  std::vector<uint32_t> named_;  // more than once if set to nothing
};

// Clients that are not in the table are left out. No bytes at all: nothing is there.
// Status::malformed: no state vector.
Result<StateVector> read_state_vector(Bytes bytes, const ClientTable& clients);

// Calls entry(id, clock) for each, which says whether to go on.
template <class Entry>
Status read_state_vector(Reader& in, Entry entry) {
  const uint64_t count = in.varuint();
  // An entry takes two bytes at least.
  if (!in.ok() || count > in.remaining() / 2) return Status::malformed;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t id = in.varuint();
    const uint64_t clock = in.varuint();
    if (!in.ok()) return Status::malformed;
    FRESHET_CHECK(entry(id, clock));
  }
  return Status::ok;
}

}  // namespace freshet::crdt
