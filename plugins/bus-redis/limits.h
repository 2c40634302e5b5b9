// plugins/bus-redis/limits.h: the bounds of the bus on Redis.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace freshet::redis {

inline constexpr size_t kMaxMessageBytes = size_t{1} << 20;
// Up to here a message costs what its bytes do. Larger ones hold up all others of the server, which
// copies each for every node.
inline constexpr size_t kCheapBytes = size_t{64} << 10;

// Waiting to be sent, and how much of it goes in one write.
inline constexpr size_t kMaxOutgoingBytes = size_t{16} << 20;
inline constexpr size_t kMaxSentAtOnceBytes = size_t{256} << 10;

// A message that has waited for so long is not sent any more.
inline constexpr std::chrono::milliseconds kLongestWait{2'000};

// A connection on which nothing comes is asked after kQuiet, and has kMaxAnswerMs to say something.
inline constexpr std::chrono::milliseconds kQuiet{3'000};
inline constexpr int64_t kMaxAnswerMs = 2'000;

// Channels that one SUBSCRIBE names, after a connection was lost.
inline constexpr size_t kMaxChannelsAtOnce = 500;

// How long start() waits for a server that does not say no.
inline constexpr std::chrono::milliseconds kLongestStart{12'000};

// Settings.
inline constexpr int64_t kMaxConnectMs = 60'000;
inline constexpr size_t kMaxClusterBytes = 255;

}  // namespace freshet::redis
