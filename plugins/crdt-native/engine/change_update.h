// What one transaction did, as an update.
#pragma once

#include <cstdint>
#include <vector>

#include "tree.h"

namespace freshet::crdt {

// Appends the new structs and the new deletions (v1), nothing if there are none.
// REQUIRES: sorted changes, and a tree that is settled.
void write_changes(const Tree& tree, const Changes& changes, std::vector<uint8_t>& out);

}  // namespace freshet::crdt
