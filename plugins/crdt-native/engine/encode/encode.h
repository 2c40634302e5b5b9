// A document, or what a peer lacks of it, as an update.
#pragma once

#include <cstdint>
#include <vector>

#include "format/state_vector.h"
#include "freshet/result.h"
#include "tree/pending.h"
#include "tree/tree.h"
#include "values/kept_value.h"

namespace freshet::crdt {

// What is integrated.
StateVector state_of(const Tree& tree);

// An item as a struct, from its `skip`th unit on: the origin is then the unit before.
void write_item(const Tree& tree, const Item& item, uint32_t skip, std::vector<uint8_t>& out,
                ValueForm form = ValueForm::json);

// Whether format v1 has no way to write the item: see json_refuses.
bool refused_by_v1(const Tree& tree, const Item& item);
// Status::unsupported if that is so of anything in the document.
Status check_v1(const Tree& tree, const Pending& pending);

// What a client deleted, encoded; null if nothing.
const DeletedCache* encoded_deletions(Tree& tree, uint32_t client);

// The structs from `from` on, all deletions, and all that is parked. Fills the chunk caches.
void write_state(Tree& tree, const Pending& pending, const StateVector& from,
                 std::vector<uint8_t>& out, ValueForm form = ValueForm::json);

}  // namespace freshet::crdt
