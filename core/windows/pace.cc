#include "core/windows/pace.h"

#include <algorithm>
#include <cmath>

#include "core/windows/limits.h"

namespace freshet {
namespace {

// Of its shard's time: what a room is to spend on sending, and the most it may, whatever the
// longest window says.
constexpr double kShare = 0.05;
constexpr double kMostShare = 0.25;
// By how much the longest window may be passed for the sake of the other rooms: then all together
// take seven tenths of the shard in the place of half of it.
constexpr double kBoundYields = 0.50 / 0.70;

// So many windows that passed without anything to send may be made up for. With three, a room to
// which something comes once in three windows, by chance, makes one of a hundred wait.
constexpr double kMostSaved = 3;

constexpr double kSmoothing = 4;
// One hiccup says little: no sample is taken for more than this much of what is known.
constexpr double kMostOnce = 4;
constexpr double kLeastOnceNs = 100'000;

}  // namespace

uint64_t window_ns(uint64_t cost_ns, double stretch) {
  const auto cost = static_cast<double>(cost_ns);
  const double wanted = cost / kShare * stretch;
  const double for_others = stretch > 1 ? wanted * kBoundYields : 0;
  const double least = std::max(cost / kMostShare, for_others);
  const double window = std::max(least, std::min(wanted, static_cast<double>(kLongestWindowNs)));
  return window < static_cast<double>(kShortestWindowNs) ? 0 : static_cast<uint64_t>(window);
}

uint64_t Pace::window_of(size_t readers) const {
  const uint64_t cost_ns = shard_.ns_per_write() * readers + static_cast<uint64_t>(own_cost_ns_);
  return std::max(window_ns(cost_ns, shard_.stretch()), shard_.least_window_ns());
}

double Pace::windows_left(uint64_t now_ns, uint64_t window_ns) const {
  const double since = static_cast<double>(now_ns - sent_ns_) / static_cast<double>(window_ns);
  return shard_.is_pressed() ? since : std::min(kMostSaved, saved_ + since);
}

Pace::Wait Pace::wait(uint64_t now_ns, size_t readers) const {
  const uint64_t window = window_of(readers);
  if (sent_ns_ == 0 || window == 0) return {};
  const double missing = 1 - windows_left(now_ns, window);
  if (missing <= 0) return {};
  return {.ns = static_cast<uint64_t>(std::ceil(missing * static_cast<double>(window))),
          .window_ns = window};
}

void Pace::note_sent(uint64_t now_ns, size_t readers, uint64_t took_ns) {
  const uint64_t window = window_of(readers);
  saved_ = sent_ns_ == 0 || window == 0 ? 0 : std::max(0.0, windows_left(now_ns, window) - 1);
  const double took =
      std::min(static_cast<double>(took_ns), kMostOnce * own_cost_ns_ + kLeastOnceNs);
  own_cost_ns_ += (took - own_cost_ns_) / kSmoothing;
  sent_ns_ = now_ns;
}

}  // namespace freshet
