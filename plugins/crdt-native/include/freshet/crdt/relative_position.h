// freshet/crdt/relative_position.h: places that stay where they are while others edit.
//
// A position names the unit it is next to, not an index. Its bytes are those of Yjs'
// encodeRelativePosition. Made with Transaction::relative_position.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "freshet/bytes.h"
#include "freshet/crdt/doc.h"
#include "freshet/result.h"

namespace freshet::crdt {

// Where a position is now.
struct AbsolutePosition {
  uint64_t index = 0;  // UTF-16 code units in text, elements elsewhere
  // Negative: it goes with what is left of it; else with what is right of it.
  int64_t assoc = 0;
  // The type it is in: a root by its name, a nested type by the id of its item.
  bool nested = false;
  std::string root;
  uint64_t client = 0;
  uint64_t clock = 0;
};

enum class Redone { follow, ignore };

// Where it is now. Deleted content is where it was; content that undoing brought back is followed
// to where it is. Empty if the document does not know the place, or not any more.
// Status::malformed: no relative position. Status::conflict: a Transaction is open.
// Cost: as an edit, see transaction.h.
Result<std::optional<AbsolutePosition>> resolve_position(Doc& doc, Bytes position,
                                                         Redone redone = Redone::follow);

}  // namespace freshet::crdt
