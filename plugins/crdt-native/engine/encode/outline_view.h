// A document as a tree that people look into: which types are where, and what is in them, up to a
// number of nodes.
#pragma once

#include <cstddef>
#include <string>

#include "tree/tree.h"

namespace freshet::crdt {

// Appends a JSON object, as abi/crdt.h has it of outline.
void append_outline(const Tree& tree, size_t limit, std::string& out);

}  // namespace freshet::crdt
