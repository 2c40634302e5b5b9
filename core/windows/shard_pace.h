// core/windows/shard_pace.h: what sending costs on one shard, and how many of its rooms send.
//
// Lives on its shard, shared by its rooms.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace freshet {

class ShardPace {
 public:
  // What the platform counts, see freshet_platform.writing_cost: of the shard, from its start.
  void note_writing(uint64_t processor_ns, uint64_t writes) {
    const uint64_t more = writes - writes_;
    if (more < kWritesPerSample) return;
    const double ns = static_cast<double>(processor_ns - processor_ns_) / static_cast<double>(more);
    processor_ns_ = processor_ns;
    writes_ = writes;
    ns_per_write_ += (std::min(ns, kMostOnce * ns_per_write_) - ns_per_write_) / kSmoothing;
  }
  uint64_t ns_per_write() const { return static_cast<uint64_t>(ns_per_write_); }

  // A room has sent, and did so before at `before_ns`, or never: 0.
  void note_sent(uint64_t now_ns, uint64_t before_ns) {
    turn_to(now_ns);
    if (before_ns == 0 || before_ns / kSpanNs != span_) ++rooms_;
  }
  // How many rooms have sent of late.
  size_t rooms(uint64_t now_ns) {
    turn_to(now_ns);
    return std::max({size_t{1}, rooms_, rooms_before_});
  }

 private:
  static constexpr uint64_t kWritesPerSample = 16;
  static constexpr double kSmoothing = 4;
  static constexpr double kMostOnce = 4;              // of what is known: one hiccup says little
  static constexpr double kLikelyNsPerWrite = 4'000;  // until it is known
  static constexpr uint64_t kSpanNs = 100'000'000;

  void turn_to(uint64_t now_ns) {
    const uint64_t span = now_ns / kSpanNs;
    if (span == span_) return;
    rooms_before_ = span == span_ + 1 ? rooms_ : 0;
    rooms_ = 0;
    span_ = span;
  }

  uint64_t processor_ns_ = 0, writes_ = 0;
  double ns_per_write_ = kLikelyNsPerWrite;
  uint64_t span_ = 0;
  size_t rooms_ = 0, rooms_before_ = 0;  // in this span, and in the one before
};

}  // namespace freshet
