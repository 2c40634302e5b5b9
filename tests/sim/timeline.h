// tests/sim/timeline.h: virtual time, and everything that is going to happen in it.
//
// One thread. What is due at the same time happens in the order it was asked for, so a run is the
// same every time.
#pragma once

#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

namespace freshet::sim {

inline constexpr uint64_t kNsOfUs = 1'000;
inline constexpr uint64_t kMs = 1'000;
inline constexpr uint64_t kSecond = 1'000'000;

class Timeline {
 public:
  using Event = std::function<void()>;

  uint64_t now_us() const { return now_us_; }

  // What is asked for in the past happens now.
  void at(uint64_t when_us, Event event) {
    events_.push({when_us < now_us_ ? now_us_ : when_us, ++last_, std::move(event)});
  }
  void after(uint64_t delay_us, Event event) { at(now_us_ + delay_us, std::move(event)); }

  // Lets all happen that is due by then, and makes it that late.
  void run_until(uint64_t when_us) {
    while (!events_.empty() && events_.top().when_us <= when_us) step();
    now_us_ = when_us > now_us_ ? when_us : now_us_;
  }

  uint64_t events_run() const { return run_; }

 private:
  struct Entry {
    uint64_t when_us;
    uint64_t number;
    mutable Event event;  // moved out of the queue's top, which is const
    bool operator<(const Entry& other) const {
      return when_us != other.when_us ? when_us > other.when_us : number > other.number;
    }
  };

  void step() {
    const Event event = std::move(events_.top().event);
    now_us_ = events_.top().when_us;
    events_.pop();
    ++run_;
    event();
  }

  std::priority_queue<Entry> events_;
  uint64_t now_us_ = 0;
  uint64_t last_ = 0;
  uint64_t run_ = 0;
};

}  // namespace freshet::sim
