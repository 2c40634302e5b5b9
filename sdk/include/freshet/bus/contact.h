// freshet/bus/contact.h: whether a bus has what it is made of.
//
// For a bus with two connections, one by which it hears and one by which it sends, each served by a
// thread of its own. That something is wrong is in the log once, and once that it is over, whatever
// the number of attempts. All of it from any thread.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>

#include "freshet/host.h"

namespace freshet {

class Contact {
 public:
  enum class Way { hears, sends };
  using Clock = std::chrono::steady_clock;

  static constexpr Clock::duration kFirstPause = std::chrono::milliseconds(50);
  static constexpr Clock::duration kLongestPause = std::chrono::seconds(5);

  // `name`: of what is reached, as the log is to have it: "the database".
  Contact(Host host, std::string name)
      : host_(host),
        name_(std::move(name)),
        connected_(host.gauge("freshet_bus_connected", "1 while the bus hears and can send.")),
        reconnects_(
            host.counter("freshet_bus_reconnects_total",
                         "How often the bus was cut off, one way or the other, and came back.")) {}
  Contact(const Contact&) = delete;
  Contact& operator=(const Contact&) = delete;

  void up(Way way) {
    const std::lock_guard lock(mutex_);
    if (of(way).state == State::up) return;
    if (of(way).state == State::down) reconnects_.add();
    of(way) = {State::up, {}};
    changed_.notify_all();
    if (!both(State::up)) return;
    connected_.set(1);
    if (told_.empty()) return;
    told_.clear();
    host_.info("bus: " + name_ + " answers again");
  }

  // `brief` says what kind of failure it is: one of the kind that was told last is not told again.
  void down(Way way, std::string_view brief, std::string_view why) {
    const std::lock_guard lock(mutex_);
    of(way).state = State::down;
    connected_.set(0);
    changed_.notify_all();
    if (told_ == brief) return;
    told_ = brief;
    host_.error(
        "bus: " + std::string(why) +
        ". Nodes hear of each other's changes late until this is mended; it is tried again");
  }

  bool is_up(Way way) const {
    const std::lock_guard lock(mutex_);
    return at_[static_cast<size_t>(way)].state == State::up;
  }

  // Until both ways are up, or one could not be had, or it has taken so long.
  void wait_tried(Clock::duration most) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, most, [&] {
      return both(State::up) || of(Way::hears).state == State::down ||
             of(Way::sends).state == State::down;
    });
  }

  // Before another attempt; each time longer until it is up.
  void pause(const std::stop_token& stop, Way way) {
    std::unique_lock lock(mutex_);
    Clock::duration& pause = of(way).pause;
    pause = std::clamp(pause * 2, kFirstPause, kLongestPause);
    changed_.wait_for(lock, stop, Clock::duration(pause), [] { return false; });
  }

 private:
  enum class State { untried, up, down };
  struct At {
    State state = State::untried;
    Clock::duration pause{};
  };

  At& of(Way way) { return at_[static_cast<size_t>(way)]; }
  bool both(State state) const { return at_[0].state == state && at_[1].state == state; }

  const Host host_;
  const std::string name_;
  const Metric connected_, reconnects_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::array<At, 2> at_;
  std::string told_;  // the brief words of the failure that is in the log
};

}  // namespace freshet
