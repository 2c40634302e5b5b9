// core/windows/held_deliveries.h: messages to members of a room that must not leave before the
// journal has reached a position.
#pragma once

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "core/loop/body.h"
#include "core/presence/presence.h"

namespace freshet {

class HeldDeliveries {
 public:
  struct To {
    MemberId id;
    uint32_t tells_saved;  // so many updates of its own
  };
  // The same for several.
  struct One {
    uint64_t position;
    Frames frames;
    std::vector<To> to;
  };

  // REQUIRES: `position` is not before that of the last; `frames` has some.
  void push(uint64_t position, To to, const Frames& frames) {
    if (all_.empty() || all_.back().position != position || !same(all_.back().frames, frames)) {
      all_.push_back({position, frames, {}});
      bytes_ += cost_of(frames);
    }
    all_.back().to.push_back(to);
    bytes_ += sizeof(To);
  }
  // The first, if it may leave now that all up to `saved` is saved.
  std::optional<One> pop(uint64_t saved) {
    if (all_.empty() || all_.front().position > saved) return std::nullopt;
    One first = std::move(all_.front());
    all_.pop_front();
    bytes_ -= cost_of(first.frames) + first.to.size() * sizeof(To);
    return first;
  }
  void clear() {
    all_.clear();
    bytes_ = 0;
  }

  bool empty() const { return all_.empty(); }
  size_t bytes() const { return bytes_; }  // of memory: what several wait for together counts once

 private:
  // Of what is kept of each beside its bytes: its block, and those of the lists.
  static constexpr size_t kBlockBytes = 64;

  static bool same(const Frames& a, const Frames& b) { return a.front().get() == b.front().get(); }
  static size_t cost_of(const Frames& frames) {
    return sizeof(One) + 2 * kBlockBytes + size_of(frames) +
           frames.size() * (sizeof(Body) + kBlockBytes);
  }

  std::deque<One> all_;  // by position, ascending
  size_t bytes_ = 0;
};

}  // namespace freshet
