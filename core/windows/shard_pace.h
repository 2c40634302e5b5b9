// core/windows/shard_pace.h: what sending costs on one shard, and by how much its rooms must hold
// back together.
//
// Lives on its shard, shared by its rooms.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/loop/loop.h"
#include "core/loop/strain.h"
#include "core/windows/limits.h"

namespace freshet {

class ShardPace {
 public:
  // What the platform counts: of the shard, from its start.
  void note(uint64_t now_ns, const WritingCost& spent) {
    note_cost_of_a_write(spent);
    if (now_ns - span_began_ns_ < kSpanNs) return;
    const auto writing = static_cast<double>(spent.processor_ns - span_began_.processor_ns);
    const double share = writing / static_cast<double>(now_ns - span_began_ns_);
    stretch_ = std::clamp(stretch_ * share / kShardShare, 1.0, kMostStretch);
    span_began_ns_ = now_ns;
    span_began_ = spent;
  }

  uint64_t ns_per_write() const { return static_cast<uint64_t>(ns_per_write_); }
  // How much longer than by itself each room's window is, so that all rooms together spend no more
  // than half of the shard on sending. 1: they do not.
  double stretch() const { return stretch_; }

  // Rooms send no more often than their windows say, whatever they have saved.
  bool is_pressed() const { return stretch_ > 1 || strain_ != Strain::none; }

  // ---- how far the shard is behind ----
  void note_strain(Strain strain) { strain_ = strain; }
  // No room's window is shorter. 0: it may be.
  uint64_t least_window_ns() const { return strain_ < Strain::updates ? 0 : kStrainedWindowNs; }
  // Presence leaves no more often. 0: with every window.
  uint64_t presence_window_ns() const {
    return strain_ < Strain::presence ? 0 : kStrainedPresenceNs;
  }

 private:
  static constexpr uint64_t kWritesPerSample = 16;
  static constexpr double kSmoothing = 4;
  static constexpr double kMostOnce = 4;              // of what is known: one hiccup says little
  static constexpr double kLikelyNsPerWrite = 4'000;  // until it is known
  static constexpr uint64_t kSpanNs = 100'000'000;
  static constexpr double kShardShare = 0.50;
  static constexpr double kMostStretch = 100;

  void note_cost_of_a_write(const WritingCost& spent) {
    const uint64_t more = spent.writes - sampled_.writes;
    if (more < kWritesPerSample) return;
    const auto writing = static_cast<double>(spent.processor_ns - sampled_.processor_ns);
    const double ns = writing / static_cast<double>(more);
    ns_per_write_ += (std::min(ns, kMostOnce * ns_per_write_) - ns_per_write_) / kSmoothing;
    sampled_ = spent;
  }

  WritingCost sampled_;
  double ns_per_write_ = kLikelyNsPerWrite;
  uint64_t span_began_ns_ = 0;
  WritingCost span_began_;
  double stretch_ = 1;
  Strain strain_ = Strain::none;
};

}  // namespace freshet
