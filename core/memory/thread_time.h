// core/memory/thread_time.h: how much of a processor the calling thread has had.
#pragma once

#include <sys/resource.h>

#include <cstdint>

namespace freshet {

// Microseconds so far; 0: the system does not say. [any]
inline uint64_t thread_time_us() {
  rusage use{};
  if (::getrusage(RUSAGE_THREAD, &use) != 0) return 0;
  const auto us = [](const timeval& time) {
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000 + static_cast<uint64_t>(time.tv_usec);
  };
  return us(use.ru_utime) + us(use.ru_stime);
}

}  // namespace freshet
