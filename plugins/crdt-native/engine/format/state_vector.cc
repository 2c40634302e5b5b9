#include "format/state_vector.h"

#include <algorithm>

#include "freshet/crdt/limits.h"

namespace freshet::crdt {

std::vector<uint32_t> StateVector::clients_in_order(const ClientTable& clients) const {
  std::vector<uint32_t> order = named_;
  clients.put_in_order(order);
  order.erase(std::unique(order.begin(), order.end()), order.end());
  return order;
}

void StateVector::write(const ClientTable& clients, Writer& out) const {
  const std::vector<uint32_t> order = clients_in_order(clients);
  out.varuint(order.size());
  for (const uint32_t client : order) {
    out.varuint(clients.id(client));
    out.varuint(of(client));
  }
}

Result<StateVector> read_state_vector(Bytes bytes, const ClientTable& clients) {
  StateVector states;
  if (bytes.empty()) return states;
  Reader in(bytes);
  FRESHET_CHECK(read_state_vector(in, [&](uint64_t id, uint64_t clock) {
    const uint32_t client = clients.find(id);
    if (client != kNoClient) states.set(client, static_cast<uint32_t>(std::min(clock, kMaxClock)));
    return Status::ok;
  }));
  return states;
}

}  // namespace freshet::crdt
