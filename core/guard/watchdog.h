// core/guard/watchdog.h: looks after the server from a thread of its own.
#pragma once

#include <condition_variable>
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

  // As HangWatch's. [main]
  void watch(const std::vector<const Pulse*>& pulses, Health& health);
  void forget();

 private:
  void run();

  std::mutex mutex_;  // guards what follows
  HangWatch watch_;
  bool ending_ = false;
  std::condition_variable ends_;
  std::thread thread_;
};

}  // namespace freshet
