// core/residence/log_spans.h: which rows of a room's log are in its document.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "core/residence/limits.h"

namespace freshet {

class LogSpans {
 public:
  // All through this one, and nothing is known of any after it.
  void begin(uint64_t through) {
    through_ = through;
    spans_.clear();
  }
  uint64_t through() const { return through_; }

  // These are, too: none of them comes before what is known already, or all do. Of too many spans
  // behind gaps the last are forgotten: they are read once more.
  void add(uint64_t first, uint64_t last) {
    if (last <= through_) return;
    const auto at = std::ranges::lower_bound(spans_, std::pair(first, last));
    spans_.insert(at, {first, last});
    if (spans_.size() > kMostNotes) spans_.pop_back();
    auto joined = spans_.begin();
    for (; joined != spans_.end() && joined->first <= through_ + 1; ++joined) {
      through_ = std::max(through_, joined->second);
    }
    spans_.erase(spans_.begin(), joined);
  }
  // All through this one.
  void skip_to(uint64_t last) {
    if (last > through_) add(through_ + 1, last);
  }

 private:
  uint64_t through_ = 0;
  std::vector<std::pair<uint64_t, uint64_t>> spans_;  // ascending, all behind a gap
};

}  // namespace freshet
