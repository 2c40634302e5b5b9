// core/cli/wall_clock.h: the time of day, for what is no part of a server and asks no platform.
#pragma once

#include <chrono>
#include <cstdint>

namespace freshet::cli {

// Since 1970. [any]
inline uint64_t wall_clock_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace freshet::cli
