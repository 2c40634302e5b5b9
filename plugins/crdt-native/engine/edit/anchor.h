// A place in a list that stays where it is while others edit, as Yjs' encodeRelativePosition has
// it: the unit that it is next to, or the type that it is at an end of.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "freshet/bytes.h"
#include "freshet/result.h"
#include "tree/tree.h"

namespace freshet::crdt {

// Borrows the bytes it was read from.
struct Anchor {
  enum Kind : uint8_t { at_item = 0, in_root = 1, in_type = 2 };  // as on the wire

  uint64_t kind = at_item;
  std::string_view root;
  uint64_t client = 0;
  uint64_t clock = 0;
  int64_t assoc = 0;  // negative: it goes with what is left of it
};

// Status::malformed: it is none.
Result<Anchor> read_anchor(Bytes bytes);

// Appends the one at that index of the type. Makes an index of positions (positions.h).
void write_anchor(Tree& tree, uint32_t type, uint64_t index, int64_t assoc,
                  std::vector<uint8_t>& out);

}  // namespace freshet::crdt
