// A clock that a test turns: nothing that waits for a time goes on before the test says so.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "app-webhook/sending/clock.h"

namespace freshet::webhook {

class FakeClock {
 public:
  // What a plugin owns; outlived by this.
  std::unique_ptr<Clock> hand() { return std::make_unique<Hand>(*this); }

  uint64_t now_ms() const {
    const std::lock_guard lock(mutex_);
    return now_ms_;
  }
  uint64_t unix_ms() const { return kBeganUnixMs + now_ms(); }

  void advance(std::chrono::milliseconds by) {
    const std::lock_guard lock(mutex_);
    now_ms_ += static_cast<uint64_t>(by.count());
    turned_.notify_all();
    for (const auto& [hand, wake] : wakes_) wake();
  }

  // Who sleeps now, and how often somebody did.
  int sleepers() const {
    const std::lock_guard lock(mutex_);
    return sleepers_;
  }
  int sleeps() const {
    const std::lock_guard lock(mutex_);
    return sleeps_;
  }

 private:
  static constexpr uint64_t kBeganUnixMs = 1'700'000'000'000;

  struct Hand final : Clock {
    explicit Hand(FakeClock& c) : clock(c) {}
    uint64_t now_ms() const override { return clock.now_ms(); }
    uint64_t unix_ms() const override { return clock.unix_ms(); }
    void sleep_ms(uint64_t ms) override { clock.sleep(ms); }
    void on_leap(std::function<void()> wake) override {
      const std::lock_guard lock(clock.mutex_);
      if (wake) {
        clock.wakes_[this] = std::move(wake);
      } else {
        clock.wakes_.erase(this);
      }
    }
    FakeClock& clock;
  };

  void sleep(uint64_t ms) {
    std::unique_lock lock(mutex_);
    const uint64_t until_ms = now_ms_ + ms;
    ++sleeps_;
    ++sleepers_;
    turned_.wait(lock, [&] { return now_ms_ >= until_ms; });
    --sleepers_;
  }

  mutable std::mutex mutex_;
  std::condition_variable turned_;
  uint64_t now_ms_ = 1'000'000;
  int sleepers_ = 0, sleeps_ = 0;
  std::map<const Hand*, std::function<void()>> wakes_;
};

}  // namespace freshet::webhook
