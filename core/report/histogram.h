// core/report/histogram.h: how long something took, counted in buckets for /metrics.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

namespace freshet {

class Histogram {
 public:
  // Upper bounds, milliseconds; behind the last one there is no bound.
  static constexpr std::array<uint64_t, 14> kBoundsMs = {
      1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10'000, 30'000};

  void note(uint64_t ms) {  // [any]
    size_t at = 0;
    while (at < kBoundsMs.size() && ms > kBoundsMs[at]) ++at;
    buckets_[at].fetch_add(1, std::memory_order_relaxed);
    sum_ms_.fetch_add(ms, std::memory_order_relaxed);
  }

  uint64_t count() const {
    uint64_t all = 0;
    for (const auto& bucket : buckets_) all += bucket.load(std::memory_order_relaxed);
    return all;
  }
  // The time within which such a share of all was done, between the bounds in proportion;
  // 0: nothing was.
  uint64_t us_of(double share) const;

  // Its lines of Prometheus' text format, in seconds. `labels`: of all of them, without braces.
  void render(const std::string& name, const std::string& labels, std::string& out) const;

 private:
  std::array<std::atomic<uint64_t>, kBoundsMs.size() + 1> buckets_{};
  std::atomic<uint64_t> sum_ms_{0};
};

}  // namespace freshet
