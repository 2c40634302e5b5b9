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

  // What of this node is not on the disk yet, about, for people. `bytes`: as it was given.
  struct Unsaved {
    uint64_t updates = 0, bytes = 0, since_ms = 0;
  };
  Unsaved unsaved() const { return all() ? Unsaved{} : unsaved_; }
  // Before note(), of what is there then.
  void add_unsaved(size_t bytes, uint64_t now_ms) {
    if (all()) unsaved_ = {.since_ms = now_ms};
    ++unsaved_.updates;
    unsaved_.bytes += bytes;
  }
  // What is left came while that was being written.
  void take_unsaved(uint64_t updates, uint64_t now_ms) {
    const uint64_t stored = std::min(updates, unsaved_.updates);
    if (stored == 0) return;
    unsaved_.bytes -= unsaved_.bytes / unsaved_.updates * stored;
    unsaved_.updates -= stored;
    unsaved_.since_ms = now_ms;
  }

  // All in positions through this one is saved.
  uint64_t through() const {
    const uint64_t journaled = std::min(journal_.saved(), others_from_ - 1);
    return is_brought_back() ? journaled : std::min(journaled, lost_from_ - 1);
  }
  bool all() const { return position_ <= through(); }
  // All that this node has to save.
  bool own() const { return position_ <= journal_.saved(); }

  // From this one on something may be unsaved that others are to save; UINT64_MAX: nothing is.
  void hold_from(uint64_t position) { others_from_ = position; }

  // The journal was refused what it had from here on, which is in the document: it is saved when
  // that is stored once more.
  void lose_unsaved() {
    lost_from_ = std::min(has_lost() ? lost_from_ : UINT64_MAX, through() + 1);
    brought_back_at_ = UINT64_MAX;
  }
  bool has_lost() const { return lost_from_ != UINT64_MAX && !is_brought_back(); }
  // And nobody has seen to that yet.
  bool is_to_be_brought_back() const { return has_lost() && brought_back_at_ == UINT64_MAX; }
  // All that is here is to be stored once more by the position of now.
  void bring_back() { brought_back_at_ = position_; }
  // It never will be, and nobody waits for it.
  void forget_lost() { lost_from_ = UINT64_MAX; }

  // The position to wait for: somebody is to be told something as soon as all is saved.
  uint64_t awaited() { return awaited_ = position_; }
  bool is_awaited() const { return awaited_ > through(); }

 private:
  bool is_brought_back() const { return brought_back_at_ <= journal_.saved(); }

  const Journal& journal_;
  uint64_t position_ = 0;
  uint64_t others_from_ = UINT64_MAX;
  uint64_t lost_from_ = UINT64_MAX;  // until brought_back_at_
  uint64_t brought_back_at_ = UINT64_MAX;
  uint64_t awaited_ = 0;
  Unsaved unsaved_;
};

}  // namespace freshet
