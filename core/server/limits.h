// core/server/limits.h: how many workers do what, and how much may wait for them.
#pragma once

#include <cstdint>

namespace freshet {

inline constexpr uint32_t kLoaderThreads = 2;
inline constexpr uint32_t kCompactorThreads = 1;
inline constexpr uint32_t kPluginThreads = 4;  // for each kind of plugin
inline constexpr uint32_t kAppThreads = 16;    // for each app: they wait for others

// Of each queue: as many as a platform has connections by default, if all of them come back at
// once.
inline constexpr uint32_t kMaxWaitingJobs = 100'000;

// Of the time to stop: what apps leave for an end in order.
inline constexpr uint32_t kEndShare = 10;

}  // namespace freshet
