// core/store/limits.h: the bounds of calls to the store that no setting moves.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet {

// Calls that wait for the store's one worker: one for each room that limits.rooms allows by
// default.
inline constexpr uint32_t kMaxWaitingStoreCalls = 100'000;
// One room's whole history: a document at its bound, and its log beside it.
inline constexpr size_t kHistoryBytes = size_t{4} << 30;

// ---- what shares a row, see batch.h
// A longer update is a row of its own: to share one would save it nothing.
inline constexpr size_t kMaxMergedUpdateBytes = size_t{4} << 10;
// Merged, updates change places with those of others. No further than over this many bytes: what
// comes before what it goes on from is parked when it is read back, and engines bound that.
inline constexpr size_t kMaxReorderedBytes = size_t{64} << 10;

// ---- when commits begin, see commit_pace.h
// They take a sixteenth of the time at most, unless that made the window between them longer than
// this: it is part of what an acknowledgement takes, which is to be 5 ms in the middle.
inline constexpr uint64_t kCommitsShare = 16;
inline constexpr uint64_t kMaxCommitWindowNs = 6'000'000;
// What leaves for others in a window anyway may wait for a commit as long as for that, up to this.
inline constexpr uint64_t kMaxPatienceNs = 14'000'000;

}  // namespace freshet
