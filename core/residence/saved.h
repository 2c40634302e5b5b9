// core/residence/saved.h: how much of what is in a room's document is on the disk.
//
// Counted in positions of the journal: what this node has to save has one there. What other nodes
// have to save is unsaved from a position on, until it is known that somebody has.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/store/journal.h"

namespace freshet {

class Saved {
 public:
  explicit Saved(const Journal& journal) : journal_(journal) {}

  uint64_t position() const { return position_; }  // of the newest there is
  void note(uint64_t position) { position_ = position; }

  // All in positions through this one is saved.
  uint64_t through() const { return std::min(journal_.saved(), others_from_ - 1); }
  bool all() const { return position_ <= through(); }
  // All that this node has to save.
  bool own() const { return position_ <= journal_.saved(); }

  // From this one on something may be unsaved that others are to save; UINT64_MAX: nothing is.
  void hold_from(uint64_t position) { others_from_ = position; }

  // The position to wait for: somebody is to be told something as soon as all is saved.
  uint64_t awaited() { return awaited_ = position_; }
  bool is_awaited() const { return awaited_ > through(); }

 private:
  const Journal& journal_;
  uint64_t position_ = 0;
  uint64_t others_from_ = UINT64_MAX;
  uint64_t awaited_ = 0;
};

}  // namespace freshet
