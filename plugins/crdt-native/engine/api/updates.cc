#include "freshet/crdt/updates.h"

#include <algorithm>
#include <utility>

#include "format/update_v1.h"
#include "format/v1_v2.h"
#include "replica/replica.h"
#include "replica/update_cost.h"

namespace freshet::crdt {

namespace {

// No document, so nothing to aim at: one update fills the table and is gone.
uint64_t seed_for(const void* where) {
  return mix(static_cast<uint64_t>(reinterpret_cast<uintptr_t>(where)), 0x589965cc75374cc3u);
}

}  // namespace

Status merge_updates(std::span<const Bytes> updates, std::vector<uint8_t>& out, Garbage garbage) {
  return merge(updates, garbage == Garbage::collect ? Gc::on : Gc::off, out);
}

Status diff_update(Bytes bytes, Bytes state_vector, std::vector<uint8_t>& out) {
  ClientTable clients(seed_for(&bytes));
  Update update;
  FRESHET_CHECK(decode_update(bytes, clients, update));
  std::vector<uint32_t> from;
  Reader in(state_vector);
  const uint64_t count = state_vector.empty() ? 0 : in.varuint();
  if (!in.ok() || count > in.remaining() / 2) return Status::malformed;
  from.resize(clients.size());
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t id = in.varuint();
    const uint64_t clock = in.varuint();
    const uint32_t client = clients.find(id);
    if (client != kNoClient) from[client] = static_cast<uint32_t>(std::min<uint64_t>(clock, kNil));
  }
  if (!in.ok()) return Status::malformed;
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
  std::vector<std::pair<uint64_t, uint32_t>> entries;
  for (const Section& section : sections_in_order(update, clients)) {
    uint32_t clock = 0;
    for (uint32_t i = section.begin; i < section.end; ++i) {
      const WireStruct& item = update.structs[i];
      if (item.clock != clock || item.kind == Kind::skip) break;
      clock = item.end();
    }
    if (clock > 0) entries.emplace_back(clients.id(section.client), clock);
  }
  Writer writer(out);
  writer.varuint(entries.size());
  for (const auto& [id, clock] : entries) {
    writer.varuint(id);
    writer.varuint(clock);
  }
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

Status update_from_v2(Bytes v2, std::vector<uint8_t>& out) {
  std::vector<uint8_t> v1;
  FRESHET_CHECK(unchecked_v1_of(v2, v1, kPeerLimits));
  ClientTable clients(0);
  Update update;
  FRESHET_CHECK(decode_update(v1, clients, update));
  out.insert(out.end(), v1.begin(), v1.end());
  return Status::ok;
}

Status update_to_v2(Bytes v1, std::vector<uint8_t>& out) { return v2_of(v1, out, kPeerLimits); }

}  // namespace freshet::crdt
