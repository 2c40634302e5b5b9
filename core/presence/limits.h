// core/presence/limits.h: the bounds of presence that no setting moves.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet {

// Real clocks count changes, once in 15 s at least. Beyond what a client can have counted, a clock
// would only serve to silence others: nothing newer could follow.
inline constexpr uint64_t kMaxPresenceClock = UINT32_MAX;
// How far ahead of what we know a client may be that comes back on another connection, as it
// counted on meanwhile: seventeen hours of renewals, or some minutes of a cursor that never rests.
inline constexpr uint64_t kMaxTakeoverStep = 4096;

// How long the clock of somebody gone is remembered, so that old news of it stays old.
inline constexpr uint64_t kRememberGoneMs = 60'000;
// Half of what y-protocols' awareness waits before it forgets somebody.
inline constexpr uint64_t kRenewPresenceMs = 15'000;

// Users who left a room and whose presence is kept for them: how many, how large all together, and
// for how long. The longest gone are forgotten first.
inline constexpr size_t kMaxKeptUsers = 256;
inline constexpr size_t kMaxKeptUserBytes = size_t{1} << 20;
inline constexpr uint64_t kKeepUserMs = 600'000;

}  // namespace freshet
