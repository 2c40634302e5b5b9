// core/store/spread.h: how long something took, so that a half or all but a hundredth of it can be
// told of any stretch of time: the difference of two looks.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace freshet {

// Four places to each doubling, so that what is told is at most a fifth off.
class Spread {
 public:
  static constexpr size_t kPlaces = 128;
  using Counts = std::array<uint64_t, kPlaces>;

  void note(uint64_t us) {  // [any]
    counts_[place_of(us)].fetch_add(1, std::memory_order_relaxed);
  }
  void add_to(Counts& counts) const {  // [any]
    for (size_t i = 0; i < kPlaces; ++i) counts[i] += counts_[i].load(std::memory_order_relaxed);
  }

  // The time within which such a share was done between two looks; 0: nothing was.
  static uint64_t us_of(const Counts& before, const Counts& after, double share) {
    uint64_t all = 0;
    for (size_t i = 0; i < kPlaces; ++i) all += after[i] - before[i];
    const double wanted = share * static_cast<double>(all);
    uint64_t seen = 0;
    for (size_t i = 0; i < kPlaces && all > 0; ++i) {
      seen += after[i] - before[i];
      if (seen > 0 && static_cast<double>(seen) >= wanted) return end_of(i);
    }
    return 0;
  }

 private:
  static size_t place_of(uint64_t us) {
    if (us < 4) return static_cast<size_t>(us);
    const auto doubling = static_cast<size_t>(std::bit_width(us)) - 1;  // 2 and more
    const size_t quarter = (us >> (doubling - 2)) & 3;
    return std::min((doubling - 1) * 4 + quarter, kPlaces - 1);
  }
  // The largest that is counted there.
  static uint64_t end_of(size_t place) {
    if (place < 4) return place;
    const size_t doubling = place / 4 + 1, quarter = place % 4;
    return ((5 + quarter) << (doubling - 2)) - 1;
  }

  std::array<std::atomic<uint64_t>, kPlaces> counts_{};
};

}  // namespace freshet
