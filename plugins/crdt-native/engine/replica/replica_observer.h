// Who wants to know of the transactions of a document: undo histories, watches of subdocuments.
#pragma once

#include <cstdint>
#include <string_view>

#include "tree/changes.h"

namespace freshet::crdt {

// Who made a change.
enum class Maker { update, edit, undoing };

struct Occasion {
  Maker maker = Maker::update;
  std::string_view origin = {};  // of an edit; so is the time
  uint64_t now_ms = 0;
};

class ReplicaObserver {
 public:
  virtual ~ReplicaObserver() = default;

  // A transaction is over but for what Tree::settle() does: the tree is held.
  virtual void note(const Changes& changes, const Occasion& occasion) = 0;
  // The document is whole again, and strangers may be told.
  virtual void tell() {}

  // Whether release() is to be called, in a transaction of its own: it lets go of what was kept for
  // it.
  virtual bool has_released() const { return false; }
  virtual void release() {}
};

}  // namespace freshet::crdt
