// limits.h: the bounds of the load generator.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet::load {

// Connections of one run; the process also needs as many descriptors (`ulimit -n`).
inline constexpr uint32_t kMaxClients = 28'000;  // ports of one loopback address
inline constexpr uint32_t kMaxRooms = 28'000;
// What one writer may be asked for, and all of them.
inline constexpr double kMaxEditsPerSecond = 1e6;
inline constexpr uint32_t kMaxEditBytes = 64 << 10;
// A document at the start is one update; more than servers take in one message is no use.
inline constexpr uint64_t kMaxDocumentBytes = 24 << 20;

// Handshakes under way at once: servers have a backlog.
inline constexpr uint32_t kMaxConnecting = 128;
inline constexpr int64_t kJoinTimeoutNs = 60'000'000'000;
inline constexpr int64_t kLeaveTimeoutNs = 5'000'000'000;

// One read of a socket, and thereby what is read before edits that have become due are sent.
inline constexpr size_t kReadBytes = 256 << 10;
// The head of the answer to an upgrade.
inline constexpr size_t kMaxHeadBytes = 16 << 10;
// A frame, or the message that fragments make; what a server sends beyond it is an error.
inline constexpr size_t kMaxFrameBytes = 64 << 20;
// What may wait for a server that does not read; past it the client gives up.
inline constexpr size_t kMaxUnsentBytes = 64 << 20;
// A frame from this length on is kept once for all readers of a room who are sent it.
inline constexpr size_t kLeastSharedBytes = 64 << 10;
// A buffer for half a message goes back when it was longer than this.
inline constexpr size_t kKeptBufferBytes = 64 << 10;

// Messages of a room that are remembered as parsed, and how long one may be; of longer ones the
// last is remembered.
inline constexpr size_t kBodiesKept = 32;
inline constexpr size_t kMaxBodyKeptBytes = 4 << 20;

// Ranges of clocks a reader may hold behind a gap.
inline constexpr size_t kMaxParkedRanges = 4096;
// Edits of one client whose acknowledgement is awaited.
inline constexpr size_t kMaxAwaited = 1 << 20;

// Different sentences about what went wrong that a report repeats.
inline constexpr size_t kMaxReasons = 8;
// Objects inside each other in a message of the pluv wire.
inline constexpr unsigned kMaxJsonDepth = 64;

}  // namespace freshet::load
