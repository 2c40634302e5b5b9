// histogram.h: how long things took, in a bounded memory.
//
// Counts values in buckets as HdrHistogram does: exact below 128, then 128 buckets for each power
// of two, so that a value is known to 0.8 %. Values over kLargest count as kLargest.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace freshet::load {

class Histogram {
 public:
  static constexpr uint64_t kLargest = (uint64_t{1} << 40) - 1;  // 18 minutes in nanoseconds

  Histogram() : counts_(index_of(kLargest) + 1) {}

  // Negative values, which two clocks may give, count as 0.
  void record(int64_t value) {
    const uint64_t bounded = value < 0 ? 0
                             : static_cast<uint64_t>(value) > kLargest
                                 ? kLargest
                                 : static_cast<uint64_t>(value);
    ++counts_[index_of(bounded)];
    ++count_;
    if (bounded > max_) max_ = bounded;
  }

  uint64_t count() const { return count_; }
  uint64_t max() const { return max_; }

  // The least value that at least `share` of all do not exceed, to the width of a bucket and never
  // above max(). 0 if there is none. REQUIRES: 0 <= share <= 1.
  uint64_t quantile(double share) const;

 private:
  static constexpr unsigned kBits = 7;
  static constexpr uint64_t kPerPower = uint64_t{1} << kBits;

  static constexpr size_t index_of(uint64_t value) {
    if (value < kPerPower) return static_cast<size_t>(value);
    const unsigned shift = 63 - static_cast<unsigned>(__builtin_clzll(value)) - kBits;
    return static_cast<size_t>((shift << kBits) + (value >> shift));
  }
  static uint64_t last_of(size_t index);

  std::vector<uint64_t> counts_;
  uint64_t count_ = 0, max_ = 0;
};

}  // namespace freshet::load
