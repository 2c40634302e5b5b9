#include "core/windows/pace.h"

#include <algorithm>

#include "core/windows/limits.h"

namespace freshet {
namespace {

// Of a shard's time: what one room is to spend on sending, and all of them together.
constexpr double kRoomShare = 0.05;
constexpr double kShardShare = 0.50;
// The same, whatever the longest window says.
constexpr double kMostOfRoom = 0.25;
constexpr double kMostOfShard = 0.70;

constexpr double kSmoothing = 4;
// One hiccup says little: no sample is taken for more than this much of what is known.
constexpr double kMostOnce = 4;
constexpr double kLeastOnceNs = 100'000;

}  // namespace

uint64_t window_ns(uint64_t cost_ns, size_t rooms) {
  const auto cost = static_cast<double>(cost_ns), count = static_cast<double>(rooms);
  const double wanted = cost / std::min(kRoomShare, kShardShare / count);
  const double least = std::max(cost / kMostOfRoom, cost * count / kMostOfShard);
  const double window = std::max(least, std::min(wanted, static_cast<double>(kLongestWindowNs)));
  return window < static_cast<double>(kShortestWindowNs) ? 0 : static_cast<uint64_t>(window);
}

uint64_t Pace::wait_ns(uint64_t now_ns, size_t readers) {
  const uint64_t cost_ns = shard_.ns_per_write() * readers + static_cast<uint64_t>(own_cost_ns_);
  last_window_ns_ = 0;
  const uint64_t window = window_ns(cost_ns, shard_.rooms(now_ns));
  if (sent_ns_ == 0 || now_ns >= sent_ns_ + window) return 0;
  last_window_ns_ = window;
  return sent_ns_ + window - now_ns;
}

void Pace::note_sent(uint64_t now_ns, uint64_t took_ns) {
  shard_.note_sent(now_ns, sent_ns_);
  const double took =
      std::min(static_cast<double>(took_ns), kMostOnce * own_cost_ns_ + kLeastOnceNs);
  own_cost_ns_ += (took - own_cost_ns_) / kSmoothing;
  sent_ns_ = now_ns;
}

}  // namespace freshet
