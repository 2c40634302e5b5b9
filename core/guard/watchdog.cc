#include "core/guard/watchdog.h"

#include <pthread.h>

#include <chrono>
#include <system_error>
#include <utility>

namespace freshet {

Watchdog::Watchdog(const Steps& steps, Log& log, Metrics& metrics) : watch_(steps, log, metrics) {
  try {
    thread_ = std::thread([this] { run(); });
    pthread_setname_np(thread_.native_handle(), "watchdog");
  } catch (const std::system_error& failure) {
    log.warn("server", "nobody watches for what hangs: there is no thread to be had (" +
                           failure.code().message() + ")");
  }
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  ends_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::watch(const std::vector<const Pulse*>& pulses, Health& health, Alive alive) {
  const std::lock_guard lock(mutex_);
  watch_.watch(pulses, health);
  alive_ = std::move(alive);
}

void Watchdog::forget() {
  const std::lock_guard lock(mutex_);
  watch_.forget();
  alive_ = {};
}

void Watchdog::run() {
  using Clock = std::chrono::steady_clock;
  std::unique_lock lock(mutex_);
  Clock::time_point before = Clock::now();
  while (!ends_.wait_for(lock, kLook, [this] { return ending_; })) {
    const Clock::time_point now = Clock::now();
    const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now - before);
    before = now;
    watch_.look(static_cast<uint64_t>(since.count()));
    tell_alive(since);
  }
}

void Watchdog::tell_alive(std::chrono::milliseconds since_look) {
  if (alive_.every.count() == 0 || !watch_.all_go_on()) return;
  untold_ += since_look;
  if (untold_ < alive_.every) return;
  untold_ = std::chrono::milliseconds{0};
  alive_.tell();
}

}  // namespace freshet
