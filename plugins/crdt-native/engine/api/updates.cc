#include "freshet/crdt/updates.h"

#include "encode/describe_update.h"
#include "format/squash.h"
#include "format/state_vector.h"
#include "format/update_v1.h"
#include "format/v1_v2.h"
#include "replica/replica.h"
#include "replica/update_cost.h"

namespace freshet::crdt {

Status merge_updates(std::span<const Bytes> updates, std::vector<uint8_t>& out, Garbage garbage) {
  return merge(updates, garbage == Garbage::collect ? Gc::on : Gc::off, out);
}

Status squash_updates(std::span<const Bytes> updates, std::vector<uint8_t>& out) {
  return squash(updates, out);
}

Status diff_update(Bytes bytes, Bytes state_vector, std::vector<uint8_t>& out) {
  ClientTable clients(seed_for(&bytes));
  Update update;
  FRESHET_CHECK(decode_update(bytes, clients, update));
  FRESHET_TRY(const StateVector from, read_state_vector(state_vector, clients));
  write_update(update, clients, from, out);
  return Status::ok;
}

Status reencode(Bytes bytes, std::vector<uint8_t>& out) {
  ClientTable clients(seed_for(&bytes));
  Update update;
  FRESHET_CHECK(decode_update(bytes, clients, update));
  write_update(update, clients, out);
  return Status::ok;
}

Status state_vector_of(Bytes bytes, std::vector<uint8_t>& out) {
  ClientTable clients(seed_for(&bytes));
  Update update;
  FRESHET_CHECK(decode_update(bytes, clients, update));
  StateVector states;
  for (const Section& section : update.sections) {
    uint32_t clock = 0;
    for (uint32_t i = section.begin; i < section.end; ++i) {
      const WireStruct& item = update.structs[i];
      if (item.clock != clock || item.kind == Kind::skip) break;
      clock = item.end();
    }
    if (clock > 0) states.set(section.client, clock);
  }
  Writer writer(out);
  states.write(clients, writer);
  return Status::ok;
}

Result<UpdateCost> cost_of(Bytes bytes) {
  if (bytes.size() > kMaxStoredUpdateBytes) return Status::too_large;
  ClientTable clients(seed_for(&bytes));
  Update update;
  CostEstimate costs;
  FRESHET_CHECK(
      look_at_structs(bytes, clients, update, [&](const WireStruct& item) { costs.add(item); }));
  return UpdateCost{.document_bytes = costs.document_bytes(update, clients.size()),
                    .working_bytes = costs.working_bytes(update, clients.size(), bytes.size())};
}

Status describe_update(Bytes bytes, size_t limit, std::string& json) {
  ClientTable clients(seed_for(&bytes));
  Update update;
  FRESHET_CHECK(decode_update(bytes, clients, update, kInternalLimits));
  append_description(update, clients, limit, json);
  return Status::ok;
}

Status update_from_v2(Bytes v2, std::vector<uint8_t>& out) {
  std::vector<uint8_t> v1;
  FRESHET_CHECK(unchecked_v1_of(v2, v1, kPeerLimits));
  ClientTable clients(seed_for(&v1));
  Update update;
  FRESHET_CHECK(decode_update(v1, clients, update));
  out.insert(out.end(), v1.begin(), v1.end());
  return Status::ok;
}

Status update_to_v2(Bytes v1, std::vector<uint8_t>& out) { return v2_of(v1, out, kPeerLimits); }

}  // namespace freshet::crdt
