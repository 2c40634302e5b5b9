// The commonest update of all, in one go.
#pragma once

#include <cstdint>

#include "freshet/bytes.h"
#include "tree/tree.h"

namespace freshet::crdt {

// Most updates are one keystroke: a short text somewhere in what is known, and nothing else. Reads
// and integrates such an update without the records of the general way. Returns the client's
// number; kNoClient, and nothing done, for any other update. REQUIRES: the tree is not held,
// nothing is parked, there is no index of positions.
uint32_t take_keystroke(Tree& tree, Bytes update);

}  // namespace freshet::crdt
