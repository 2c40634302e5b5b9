#include "core/report/histogram.h"

#include <algorithm>

namespace freshet {
namespace {

std::string seconds(uint64_t ms) {
  const std::string fraction = std::to_string(ms % 1000 + 1000).substr(1);
  return std::to_string(ms / 1000) + "." + fraction;
}

}  // namespace

// Each bucket counts what is in those before it, too.
void Histogram::render(const std::string& name, const std::string& labels, std::string& out) const {
  const std::string with = labels.empty() ? "" : labels + ",";
  uint64_t count = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    count += buckets_[i].load(std::memory_order_relaxed);
    const std::string bound = i < kBoundsMs.size() ? seconds(kBoundsMs[i]) : "+Inf";
    out += name + "_bucket{" + with + "le=\"" + bound + "\"} " + std::to_string(count) + "\n";
  }
  const std::string all = labels.empty() ? " " : "{" + labels + "} ";
  out += name + "_sum" + all + seconds(sum_ms_.load(std::memory_order_relaxed)) + "\n";
  out += name + "_count" + all + std::to_string(count) + "\n";
}

uint64_t Histogram::us_of(double share) const {
  const double wanted = share * static_cast<double>(count());
  double seen = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    const auto here = static_cast<double>(buckets_[i].load(std::memory_order_relaxed));
    if (here > 0 && seen + here >= wanted) {
      const uint64_t from = i == 0 ? 0 : kBoundsMs[i - 1];
      const uint64_t to = kBoundsMs[std::min(i, kBoundsMs.size() - 1)];
      const double part = (wanted - seen) / here;
      return static_cast<uint64_t>(
          (static_cast<double>(from) + part * static_cast<double>(to - from)) * 1'000);
    }
    seen += here;
  }
  return 0;
}

}  // namespace freshet
