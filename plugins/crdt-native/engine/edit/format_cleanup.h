// Which formats became useless in a transaction, see freshet/crdt/cleanup.h.
#pragma once

#include <string>
#include <vector>

#include "tree/changes.h"
#include "tree/tree.h"

namespace freshet::crdt {

// Deletes them. `done` is what the transaction did; of root types, those in `text_roots` are texts.
// REQUIRES: the tree is held.
void clean_formats(Tree& tree, const Changes& done, const std::vector<std::string>& text_roots);

}  // namespace freshet::crdt
