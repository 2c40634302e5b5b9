#include "histogram.h"

#include <algorithm>
#include <cmath>

namespace freshet::load {

// The inverse of index_of: the largest value that is counted there.
uint64_t Histogram::last_of(size_t index) {
  if (index < kPerPower) return index;
  const uint64_t shift = (index >> kBits) - 1;
  const uint64_t top = index - (shift << kBits);
  return ((top + 1) << shift) - 1;
}

uint64_t Histogram::quantile(double share) const {
  const auto wanted = static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_)));
  uint64_t seen = 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= wanted && seen > 0) return std::min(last_of(i), max_);
  }
  return max_;
}

}  // namespace freshet::load
