// reader_credit.h: which clocks of each author one reader has got, each counted once.
//
// A clock counts when all before it are there, as for a Yjs document, which shows nothing behind a
// gap. What comes behind one is kept aside and counts when the gap closes; what comes again counts
// for nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "contributions.h"
#include "load/limits.h"

namespace freshet::load {

class ReaderCredit {
 public:
  explicit ReaderCredit(uint32_t authors) : through_(authors) {}

  // The clocks of its author that count since now, an empty range if none do. The next of an
  // author, which is what comes nearly always, takes one comparison.
  Contribution take(const Contribution& part) {
    uint64_t& through = through_[part.author];
    if (part.from > through) return park(part), Contribution{part.author, through, through};
    const uint64_t before = through;
    if (part.to > through) through = part.to;
    if (!parked_.empty()) unpark(part.author);
    return {part.author, before, through};
  }

  uint64_t through(uint32_t author) const { return through_[author]; }
  // Ranges that lie behind a gap.
  size_t parked() const { return parked_.size(); }
  // Past kMaxParkedRanges they are forgotten: this reader will never be complete.
  bool lost() const { return lost_; }

 private:
  void park(const Contribution& part);
  void unpark(uint32_t author);

  std::vector<uint64_t> through_;
  std::vector<Contribution> parked_;
  bool lost_ = false;
};

}  // namespace freshet::load
