// schedule.h: when each edit of each writer is due.
//
// Open loop: the times are settled before the run, whatever the server does, so a server that is
// late does not get less to do and its lateness counts. Each edit falls at a moment of its own
// period drawn by chance, so writers do not march in step. A function of the seed: nothing is kept
// per edit.
#pragma once

#include <cstdint>

namespace freshet::load {

class Schedule {
 public:
  // `period_ns`: between two edits of one writer, on average. `salt` tells rooms apart.
  Schedule(uint64_t seed, uint64_t salt, int64_t period_ns)
      : seed_(mixed(seed ^ mixed(salt))), period_ns_(period_ns) {}

  void start(int64_t start_ns) { start_ns_ = start_ns; }

  // Strictly increasing in `edit`, but for periods below 64 µs, where two may fall together.
  int64_t due(uint32_t writer, uint64_t edit) const {
    const uint64_t chance = mixed(seed_ ^ (uint64_t{writer} << 40) ^ edit) >> 48;
    const auto within = (static_cast<uint64_t>(period_ns_) * chance) >> 16;
    return start_ns_ + static_cast<int64_t>(edit) * period_ns_ + static_cast<int64_t>(within);
  }

 private:
  // The finalizer of splitmix64.
  static constexpr uint64_t mixed(uint64_t x) {
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  }

  uint64_t seed_;
  int64_t period_ns_, start_ns_ = 0;
};

}  // namespace freshet::load
