// core/loop/strain.h: how far an event loop is behind with its work, and who is to suffer for it.
//
// Measured by a timer that should come every kBeatMs: what it comes late by is how long all took
// that was ready before it. A loop that is nearly always at work, and keeps up, is hardly late; one
// that is behind is late every time.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace freshet {

// Each with all before it.
enum class Strain : uint8_t {
  none,
  presence,  // is sent seldom
  updates,   // are gathered for longer, and sent as one
  joins,     // are refused
};

// Of one loop. No clock of its own.
class StrainMeter {
 public:
  static constexpr uint32_t kBeatMs = 50;
  // The median of so many is what counts: half a second of a loop that keeps up. A document that
  // takes long once, or a process that stood still, is one beat or two of them.
  static constexpr size_t kBeats = 9;

  // What is late by so much feels the strain. One shard with windows of 14 ms and slices of a
  // millisecond is late by 10 ms where it is at work 95 of 100 milliseconds.
  static constexpr uint64_t kPresenceLateNs = 25'000'000;  // longer than the longest window
  static constexpr uint64_t kUpdatesLateNs = 50'000'000;   // people begin to see it
  // Whoever is in waits a fifth of a second for everything: with more of them it would be longer.
  static constexpr uint64_t kJoinsLateNs = 200'000'000;

  // A beat that came so late; says how it is from now on.
  Strain note(uint64_t late_ns) {
    late_ns_[next_++ % kBeats] = late_ns;
    ++since_change_;
    const uint64_t late = median();
    Strain reached = Strain::none;
    if (late >= kPresenceLateNs) reached = Strain::presence;
    if (late >= kUpdatesLateNs) reached = Strain::updates;
    if (late >= kJoinsLateNs) reached = Strain::joins;
    if (reached > strain_) return change_to(reached);
    if (may_ease(late)) return change_to(Strain(static_cast<uint8_t>(strain_) - 1));
    return strain_;
  }
  Strain strain() const { return strain_; }
  uint64_t late_ns() const { return median(); }

 private:
  // One step at a time, so that what was kept from the loop does not come back all at once; and
  // with what the step before brought in view.
  bool may_ease(uint64_t late_ns) const {
    return strain_ != Strain::none && since_change_ >= kBeats && late_ns < reached_at(strain_) / 2;
  }
  static constexpr uint64_t reached_at(Strain strain) {
    if (strain == Strain::joins) return kJoinsLateNs;
    return strain == Strain::updates ? kUpdatesLateNs : kPresenceLateNs;
  }
  Strain change_to(Strain strain) {
    since_change_ = 0;
    return strain_ = strain;
  }
  uint64_t median() const {
    std::array<uint64_t, kBeats> sorted = late_ns_;
    std::ranges::nth_element(sorted, sorted.begin() + kBeats / 2);
    return sorted[kBeats / 2];
  }

  std::array<uint64_t, kBeats> late_ns_{};
  size_t next_ = 0;
  size_t since_change_ = 0;  // beats
  Strain strain_ = Strain::none;
};

}  // namespace freshet
