// freshet/crdt/updates.h: functions on updates alone, without a document that stays.
//
// Pure, so any thread. Outputs are appended to; on failure nothing is. Limits: limits.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "freshet/bytes.h"
#include "freshet/result.h"

namespace freshet::crdt {

enum class Garbage { collect, keep };

// One update worth all of them together, whatever is missing in between included. Runs are joined
// and, unless kept, deleted content is dropped. Status as Doc::load for the first bad update.
// Cost: as applying them all to an empty document.
Status merge_updates(std::span<const Bytes> updates, std::vector<uint8_t>& out,
                     Garbage garbage = Garbage::collect);

// One update worth all of them, in any order, for a fraction of what merge_updates costs: they are
// joined as bytes. Runs that were written one after the other are one again, and nothing is
// dropped. For few small ones that were Applied::whole, of several clients or one. Never larger
// than all of them together, and fit for peers.
// Status::unsupported: a client's clocks overlap, or one is missing in between; or it is too much
// (kMaxSquashedBytes). Else as Doc::apply for the first bad update.
Status squash_updates(std::span<const Bytes> updates, std::vector<uint8_t>& out);

// What a peer at `state_vector` lacks of `update`.
Status diff_update(Bytes update, Bytes state_vector, std::vector<uint8_t>& out);

// The update struct by struct as a careful writer would have written it: shortest numbers, no empty
// runs or ranges, nothing after its end. Says the same as the original.
Status reencode(Bytes update, std::vector<uint8_t>& out);

// Up to which clocks the update is complete from the start, as a state vector.
Status state_vector_of(Bytes update, std::vector<uint8_t>& out);

// What an update would take, from its bytes alone. Status as Doc::load, though it does not find all
// that is wrong with one. Reads it once and keeps little: a fraction of what applying it costs.
struct UpdateCost {
  size_t document_bytes;  // added to Stats::memory_bytes, caches included
  size_t working_bytes;   // besides, while it is being applied
};
Result<UpdateCost> cost_of(Bytes update);

// Appends what an update says as a JSON object, for people: "structs" and "deletes" (counts),
// "deleted" (of whom how much), "operations" (the first `limit`), "more". Status as Doc::load.
Status describe_update(Bytes update, size_t limit, std::string& json);

// Format v2, to and from v1, struct by struct. Updates do not say which format they are in.
Status update_from_v2(Bytes v2, std::vector<uint8_t>& out);
Status update_to_v2(Bytes v1, std::vector<uint8_t>& out);

}  // namespace freshet::crdt
