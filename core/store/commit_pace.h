// core/store/commit_pace.h: when a journal's next commit may begin.
//
// A commit costs much the same whatever is in it. So commits begin a window apart, which is the
// smoothed time of one over the share of time that they may take; what arrives meanwhile shares the
// next one. After a pause the window is over: what comes then leaves at once.
//
// Where all that waits has some patience, as others get it in a window of their own anyway, commits
// begin no closer together than that.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/store/limits.h"

namespace freshet {

class CommitPace {
 public:
  void begin(uint64_t now_ns) {
    begun_ns_ = now_ns;
    is_under_way_ = true;
  }
  // The commit begun last was answered. One that stood still says nothing of the next: it counts
  // for no more than what makes the longest window.
  void end(uint64_t now_ns) {
    last_ns_ = lasts_ns(now_ns);
    is_under_way_ = false;
    const uint64_t took_ns = std::min(last_ns_, kMaxCommitWindowNs / kCommitsShare);
    smoothed_ns_ = (smoothed_ns_ * (kSmoothing - 1) + took_ns) / kSmoothing;
  }

  // How long the last one took, or the one under way has taken if that is longer.
  uint64_t lasts_ns(uint64_t now_ns) const {
    const uint64_t since_ns = now_ns - std::min(now_ns, begun_ns_);
    return is_under_way_ ? std::max(last_ns_, since_ns) : last_ns_;
  }

  uint64_t window_ns() const {
    const uint64_t window_ns = smoothed_ns_ * kCommitsShare;
    return window_ns < kShortestNs ? 0 : window_ns;
  }
  // When the next one is due, for what has so much patience.
  uint64_t due_ns(uint64_t patience_ns) const {
    const uint64_t window = window_ns();
    return begun_ns_ + (window == 0 ? 0 : std::max(window, std::min(patience_ns, kMaxPatienceNs)));
  }
  // Until then. In whole milliseconds, rather too few than too many.
  uint32_t wait_ms(uint64_t now_ns, uint64_t patience_ns) const {
    const uint64_t due = due_ns(patience_ns);
    return static_cast<uint32_t>((due - std::min(due, now_ns)) / 1'000'000);
  }

 private:
  static constexpr uint64_t kSmoothing = 8;  // of so many commits, about
  // A shorter window saves too little to wait for a timer of whole milliseconds.
  static constexpr uint64_t kShortestNs = 1'000'000;

  uint64_t begun_ns_ = 0;
  uint64_t smoothed_ns_ = 0;
  uint64_t last_ns_ = 0;
  bool is_under_way_ = false;
};

}  // namespace freshet
