// core/cli/doctor/limits.h: what is little, slow or soon.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace freshet::cli {

// An edit is acknowledged when it is on disk: past this people see it.
inline constexpr std::chrono::milliseconds kSlowSync{20};
inline constexpr unsigned kSyncs = 15;
inline constexpr uint64_t kLittleSpaceBytes = uint64_t{1} << 30;

inline constexpr int kSoonDays = 21;

// To reach somebody, and for its answer.
inline constexpr std::chrono::seconds kReachWithin{5};
// A server that has something against who came says so after its `retry_delay_ms`; who is welcome
// on the wire of y-websocket is greeted at once.
inline constexpr std::chrono::milliseconds kRefusedWithin{7000};

// Beyond connections: shards, listeners, the store and the rest.
inline constexpr uint64_t kOwnDescriptors = 64;

}  // namespace freshet::cli
