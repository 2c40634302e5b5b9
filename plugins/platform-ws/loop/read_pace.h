// read_pace.h: how often a peer sends, as reading from it tells.
//
// To be woken for a frame costs more than to read it. Whoever sends again and again within
// kReadRoundNs is therefore not waited for but read by the clock, with all others that do, and what
// came meanwhile comes in one read. Who sends seldom, as a person does who types, is read at once.
#pragma once

#include <algorithm>
#include <cstdint>

#include "platform-ws/limits.h"

namespace freshet::ws {

class ReadPace {
 public:
  // A read brought something.
  void note_read(uint64_t now_ns) {
    const uint64_t gap_ns = std::min(now_ns - read_ns_, kCalmNs);
    read_ns_ = now_ns;
    gap_ns_ = (gap_ns_ * (kSmoothing - 1) + gap_ns) / kSmoothing;
  }
  // A read in a round brought nothing.
  void note_nothing() { gap_ns_ = kCalmNs; }

  // So many bytes of it were worked off in this time.
  void note_taken_in(size_t bytes, uint64_t took_ns) {
    const double ns_a_byte = static_cast<double>(took_ns) / static_cast<double>(bytes);
    ns_a_byte_ += (ns_a_byte - ns_a_byte_) / kSmoothing;
  }

  // To be read at once, so that working it off leaves others their turn: of small frames, which
  // cost the most, little.
  size_t bytes_in_a_turn() const {
    const double bytes = static_cast<double>(kReadTurnNs) / std::max(ns_a_byte_, kLeastNsAByte);
    return std::max(kLeastReadBytes, static_cast<size_t>(bytes));
  }
  // A round would find something almost each time.
  bool is_hasty() const { return gap_ns_ < kHastyNs; }

 private:
  static constexpr unsigned kSmoothing = 4;
  // Longer than a round, so that who is read by the clock may stay.
  static constexpr uint64_t kHastyNs = kReadRoundNs * 3 / 2;
  static constexpr uint64_t kCalmNs = kReadRoundNs * 5;

  static constexpr double kLeastNsAByte = 0.001;

  uint64_t read_ns_ = 0;
  uint64_t gap_ns_ = kCalmNs;  // between two reads that brought something, smoothed
  // Smoothed. Until it is known, what makes a first read small.
  double ns_a_byte_ = static_cast<double>(kReadTurnNs) / kLeastReadBytes;
};

}  // namespace freshet::ws
