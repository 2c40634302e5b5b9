// core/guard/watchdog.h: looks after the server from a thread of its own.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "core/guard/hang_watch.h"

namespace freshet {

// From its construction to its end. Where there is no thread to be had the log says so, and nobody
// looks.
class Watchdog {
 public:
  // All outlive it.
  Watchdog(const Steps& steps, Log& log, Metrics& metrics);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // As HangWatch's. While all of them go on that is told `every` so often; 0: never. `tell` does
  // not wait. [main]
  struct Alive {
    std::chrono::milliseconds every{0};
    std::function<void()> tell = nullptr;
  };
  void watch(const std::vector<const Pulse*>& pulses, Health& health, Alive alive);
  void forget();

 private:
  void run();
  void tell_alive(std::chrono::milliseconds since_look);

  std::mutex mutex_;  // guards what follows
  HangWatch watch_;
  Alive alive_;
  std::chrono::milliseconds untold_{0};  // of alive_.every
  bool ending_ = false;
  std::condition_variable ends_;
  std::thread thread_;
};

}  // namespace freshet
