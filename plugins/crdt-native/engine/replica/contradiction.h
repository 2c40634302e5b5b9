// Two replicas that write as one client: a tab that was copied, a machine restored from an image.
//
// Each takes the other's structs for its own, which it has, and so they part for ever in silence.
// What gives them away is content under clocks that are here already and that differs from what is
// here. Only what lives on both sides and is of the same kind can be compared: deletions and
// garbage say nothing of what they were. And what honest writers write in several ways is the same:
// half of a surrogate pair is U+FFFD where an item ended in it, keys of an object have any order,
// numbers any of their forms, and format v1 has less of an embed than v2.
#pragma once

#include "format/wire_struct.h"
#include "tree/tree.h"

namespace freshet::crdt {

// Whether `wire` says of clocks that are here something else than what is here. Linear in it and
// the items it covers. REQUIRES: its first clock is here; it is no Skip.
bool contradicts(const Tree& tree, const WireStruct& wire);

}  // namespace freshet::crdt
