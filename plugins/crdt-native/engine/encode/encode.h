// A document, or what a peer lacks of it, as an update.
#pragma once

#include <cstdint>
#include <vector>

#include "freshet/codec.h"
#include "freshet/result.h"
#include "tree/pending.h"
#include "tree/tree.h"
#include "values/kept_value.h"

namespace freshet::crdt {

// For each client number the clock from which on a peer lacks items.
// Status::malformed if `state_vector` is none. Clients it names that are unknown are left out.
Status read_state_vector(Bytes state_vector, const ClientTable& clients,
                         std::vector<uint32_t>& from);

void write_state_vector(const Tree& tree, Writer& out);

// An item as a struct, from its `skip`th unit on: the origin is then the unit before.
void write_item(const Tree& tree, const Item& item, uint32_t skip, std::vector<uint8_t>& out,
                ValueForm form = ValueForm::json);

// Whether format v1 has no way to write the item: see json_refuses.
bool refused_by_v1(const Tree& tree, const Item& item);
// Status::unsupported if that is so of anything in the document.
Status check_v1(const Tree& tree, const Pending& pending);

// The order of clients in every encoding: by descending id.
void sort_descending(const ClientTable& table, std::vector<uint32_t>& clients);

// What a client deleted, encoded; null if nothing.
const DeletedCache* encoded_deletions(Tree& tree, uint32_t client);

// The structs from `from` on, all deletions, and all that is parked. Fills the chunk caches.
void write_state(Tree& tree, const Pending& pending, const std::vector<uint32_t>& from,
                 std::vector<uint8_t>& out, ValueForm form = ValueForm::json);

}  // namespace freshet::crdt
