// core/windows/limits.h: the bounds of what waits for its turn to be sent that no setting moves.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet {

// ---- how long a room waits before it sends again, see pace.h ----
// A shorter window is none.
inline constexpr uint64_t kShortestWindowNs = 1'000'000;
inline constexpr uint64_t kLongestWindowNs = 14'000'000;
// One slice of a window's sending, after which others have their turn.
inline constexpr uint64_t kSliceNs = 1'000'000;
inline constexpr size_t kLeastSlice = 16;  // members

// ---- the same in a shard that is behind with its work, see core/loop/strain.h ----
// Presence: somebody's cursor moves four times a second, however often its owner says so.
inline constexpr uint64_t kStrainedPresenceNs = 250'000'000;
// Updates: of what ten people type in this time one frame is made, and it is not felt yet.
inline constexpr uint64_t kStrainedWindowNs = 100'000'000;

// ---- what waits in a window; with more it leaves at once ----
inline constexpr size_t kWindowBytes = size_t{256} << 10;
inline constexpr size_t kWindowItems = 256;  // runs of updates, and events

// What each of those who wrote is sent leaves out its own, and so is put together for it alone:
// the more they are in one run, the more each of these costs.
inline constexpr size_t kWritersPerRun = 16;

}  // namespace freshet
