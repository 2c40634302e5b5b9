// core/audience/first_states.h: what those were given who lacked all of a long document, for those
// who come a moment later.
//
// When many come at once, as after a restart, somebody always writes meanwhile. A first state for
// each version of the document would be written for each of a few of them, and be in memory until
// the slowest of those has read it. So all share one, of a version a moment ago, and what is
// missing in it is sent to each besides.
//
// Lives on the room's shard, owned by its audience.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "core/audience/member.h"
#include "core/residence/state_vector.h"

namespace freshet {

class FirstStates {
 public:
  struct FirstState {
    StateVector of;  // where the document was
    Frames frames;
    uint32_t wire, variant;
    uint8_t document;  // what is said of it
    uint64_t made_ms;
    bool asked_for = true;  // since the last tick

    bool fits(const MemberSpec& by, uint8_t said) const {
      return wire == by.wire->index && variant == by.variant && document == said;
    }
  };

  // Null: there is none for a member of this wire and variant. Holds until the next put() or
  // tick().
  const FirstState* find(const MemberSpec& by, uint8_t document) {
    for (FirstState& state : all_) {
      if (!state.fits(by, document)) continue;
      state.asked_for = true;
      return &state;
    }
    return nullptr;
  }

  void put(const MemberSpec& by, uint8_t document, StateVector of, Frames frames, uint64_t now_ms) {
    std::erase_if(all_, [&](const FirstState& state) { return state.fits(by, document); });
    if (all_.size() == kMost) all_.erase(all_.begin());
    all_.push_back(
        {std::move(of), std::move(frames), by.wire->index, by.variant, document, now_ms});
  }

  // About once a second. What nobody has asked for meanwhile goes, and what is old: too much would
  // be sent besides.
  void tick(uint64_t now_ms) {
    std::erase_if(all_, [&](FirstState& state) {
      return !std::exchange(state.asked_for, false) || now_ms - state.made_ms >= kKeepMs;
    });
  }
  void forget() { all_.clear(); }

 private:
  static constexpr size_t kMost = 4;  // wires and variants that are in one room, mostly one
  static constexpr uint64_t kKeepMs = 5'000;

  std::vector<FirstState> all_;  // the oldest first
};

}  // namespace freshet
