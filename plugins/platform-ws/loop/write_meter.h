// write_meter.h: what writing to connections costs a loop's thread, for the price of few clock
// reads.
#pragma once

#include <time.h>

#include <algorithm>
#include <cstdint>

#include "freshet/platform.h"

namespace freshet::ws {

// The processor time of the calling thread.
inline uint64_t thread_processor_ns() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<uint64_t>(used.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(used.tv_nsec);
}

// That clock is a system call, a tenth of what a small write costs: so one write in kMeanStep is
// timed, and the others are charged what it took. Touched on its loop only.
class WriteMeter {
 public:
  using Clock = uint64_t (*)();
  static constexpr uint32_t kMeanStep = 32;

  // A smaller reading is what the clock itself takes.
  explicit WriteMeter(Clock clock = thread_processor_ns) : clock_(clock), clock_ns_(UINT64_MAX) {
    for (int i = 0; i < kTrials; ++i) {
      const uint64_t began = clock_();
      clock_ns_ = std::min(clock_ns_, clock_() - began);
    }
  }

  // Makes one write and counts it.
  template <class F>
  auto measured(F&& write) {
    if (until_timed_-- != 0) {
      charge();
      return write();
    }
    until_timed_ = next_step() - 1;
    const uint64_t began = clock_();
    auto result = write();
    const uint64_t took = clock_() - began;
    write_ns_ = took - std::min(took, clock_ns_);
    charge();
    return result;
  }

  WritingCost cost() const { return cost_; }

 private:
  static constexpr int kTrials = 8;

  void charge() {
    cost_.processor_ns += write_ns_;
    ++cost_.writes;
  }
  // Uneven, around kMeanStep: a room whose members came in step with it would always be judged by
  // the same one of them.
  uint32_t next_step() {
    dice_ ^= dice_ << 13;
    dice_ ^= dice_ >> 17;
    dice_ ^= dice_ << 5;
    return kMeanStep / 2 + 1 + dice_ % kMeanStep;
  }

  const Clock clock_;
  uint64_t clock_ns_;
  uint64_t write_ns_ = 0;  // as the last timed one
  uint32_t until_timed_ = 0;
  uint32_t dice_ = 0x9e3779b9;
  WritingCost cost_;
};

}  // namespace freshet::ws
