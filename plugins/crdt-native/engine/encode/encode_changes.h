// What one transaction did, as an update.
#pragma once

#include <cstdint>
#include <vector>

#include "freshet/result.h"
#include "tree/tree.h"

namespace freshet::crdt {

// Appends the new structs and the new deletions (v1), nothing if there are none.
// Status::unsupported, and nothing: there is a value that format v1 cannot say.
// REQUIRES: sorted changes, and a tree that is settled.
Status write_changes(const Tree& tree, const Changes& changes, std::vector<uint8_t>& out);

}  // namespace freshet::crdt
