// A document as an update in format v2, straight from its items.
#pragma once

#include <cstdint>
#include <vector>

#include "format/state_vector.h"
#include "tree/tree.h"

namespace freshet::crdt {

// As write_state (encode.h). REQUIRES: nothing is parked.
void write_state_v2(Tree& tree, const StateVector& from, std::vector<uint8_t>& out);

}  // namespace freshet::crdt
