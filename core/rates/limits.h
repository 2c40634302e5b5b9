// core/rates/limits.h: the bounds of rates that no setting moves.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet {

// What a rate allows at once: people do nothing for a while and then much.
inline constexpr uint64_t kBurstSeconds = 10;

// Users who have gone are remembered until they have got back all they may have, so that coming
// again gives them nothing. These at most, some two megabytes; past it who went first is forgotten.
inline constexpr size_t kMaxGoneUsers = 10'000;
// Of a user's id: what is longer counts as one with all that begin so.
inline constexpr size_t kMaxUserIdBytes = 512;

// Rooms of a shard whose rate of joins is remembered, whether they are in memory or not. Past it
// the one that was joined longest ago is forgotten.
inline constexpr size_t kMaxJoinedRooms = 10'000;

// Nobody who sends into a room is left unread for longer: clients wait some seconds for answers to
// what they ask, and then come again.
inline constexpr uint32_t kLongestPauseMs = 1'000;
// What a room got beyond its rate slows those who send into it for no longer.
inline constexpr uint32_t kLongestDebtMs = 10'000;
// Pauses are whole ones of these: a shorter one costs more than it spares.
inline constexpr uint32_t kPauseStepMs = 50;

}  // namespace freshet
