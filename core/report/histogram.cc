#include "core/report/histogram.h"

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

}  // namespace freshet
