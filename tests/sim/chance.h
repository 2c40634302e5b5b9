// tests/sim/chance.h: dice that fall the same way for the same seed, on every machine.
//
// Source: SplitMix64 (Steele, Lea, Flood 2014).
#pragma once

#include <cstdint>

namespace freshet::sim {

class Chance {
 public:
  explicit Chance(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }

  // 0 for 0.
  uint64_t below(uint64_t bound) { return bound == 0 ? 0 : next() % bound; }
  uint64_t between(uint64_t low, uint64_t high) { return low + below(high - low + 1); }
  bool percent(uint64_t share) { return below(100) < share; }

  // Dice of their own for a part of the run, so that it does not move the others.
  Chance fork() { return Chance(next()); }

 private:
  uint64_t state_;
};

}  // namespace freshet::sim
