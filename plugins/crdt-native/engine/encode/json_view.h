// Shared types as JSON text: what Yjs' toJSON() makes of them.
#pragma once

#include <cstdint>
#include <string>

#include "tree/tree.h"

namespace freshet::crdt {

// What a root, which has no kind on the wire, looks most like (type_ref.h).
uint8_t inferred_ref(const Tree& tree, uint32_t root);

// Appends the type, read as `ref`.
void append_json(const Tree& tree, uint32_t type, uint8_t ref, std::string& out);

}  // namespace freshet::crdt
