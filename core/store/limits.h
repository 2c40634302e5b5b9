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

}  // namespace freshet
