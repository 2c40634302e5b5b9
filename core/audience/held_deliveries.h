// core/audience/held_deliveries.h: messages to members of a room that must not leave before the
// journal has reached a position.
#pragma once

#include <deque>
#include <optional>
#include <utility>

#include "core/loop/body.h"
#include "core/presence/presence.h"

namespace freshet {

class HeldDeliveries {
 public:
  struct One {
    uint64_t position;
    MemberId to;
    Frames frames;
    size_t counted_bytes;  // in bytes()
  };

  // REQUIRES: `position` is not before that of the last; `frames` has some.
  void push(uint64_t position, MemberId to, Frames frames) {
    const bool shared = !all_.empty() && all_.back().frames.front().get() == frames.front().get();
    const size_t counted = shared ? 0 : size_of(frames);
    all_.push_back({position, to, std::move(frames), counted});
    bytes_ += counted;
  }
  // The first, if it may leave now that all up to `saved` is saved.
  std::optional<One> pop(uint64_t saved) {
    if (all_.empty() || all_.front().position > saved) return std::nullopt;
    One first = std::move(all_.front());
    all_.pop_front();
    bytes_ -= first.counted_bytes;
    return first;
  }
  void clear() {
    all_.clear();
    bytes_ = 0;
  }

  bool empty() const { return all_.empty(); }
  size_t bytes() const { return bytes_; }  // what several wait for together counts once

 private:
  std::deque<One> all_;  // by position, ascending
  size_t bytes_ = 0;
};

}  // namespace freshet
