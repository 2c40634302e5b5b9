// A document as an update in format v2, straight from its items.
#pragma once

#include <cstdint>
#include <vector>

#include "tree/tree.h"

namespace freshet::crdt {

// As write_state (encode.h). REQUIRES: nothing is parked.
void write_state_v2(Tree& tree, const std::vector<uint32_t>& from, std::vector<uint8_t>& out);

}  // namespace freshet::crdt
