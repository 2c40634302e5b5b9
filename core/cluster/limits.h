// core/cluster/limits.h: the bounds of what nodes ask of the store that they share, and say to each
// other.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet {

// Rooms of one shard that are asked for at once, once a second; with more of them each has its turn
// less often.
inline constexpr size_t kMostAsked = 1'000;
// Where nodes hear of each other's commits, each room has its turn within so many seconds.
inline constexpr size_t kTurnSeconds = 30;

// ---- see store_claim.h
// A server that died is missed for as long.
inline constexpr uint32_t kStoreClaimMs = 10'000;
inline constexpr uint32_t kRenewClaimMs = 2'500;

// ---- see nodes.h
inline constexpr uint32_t kBeatMs = 1'000;
// A node whose own calls are answered no faster says nothing of others.
inline constexpr uint64_t kBeatGapMs = 3'000;
inline constexpr uint64_t kNodeLeaseMs = 10'000;
inline constexpr uint64_t kTellLivingMs = 3'000;

// ---- see endings.h
inline constexpr uint32_t kLookForEndingsMs = 1'000;
inline constexpr uint32_t kEndingsClaimMs = 10'000;
inline constexpr uint32_t kMostEndings = 100;  // looked at at once
// One that apps have not answered is told again after this.
inline constexpr uint64_t kTellAgainMs = 60'000;

// ---- see bus_message.h, node_bus.h
inline constexpr size_t kMessageHeaderBytes = 40;
// A room that loads waits as long to hear others; then it loads, and asks the store the more.
inline constexpr uint32_t kSubscribeMs = 500;
// A message of a sender that is missing is waited for as long, and what came after it kept.
inline constexpr uint64_t kMissingMs = 1'000;
inline constexpr size_t kMostHeldMessages = 256;
inline constexpr size_t kMostHeldBytes = size_t{1} << 20;
// Presence leaves no more often.
inline constexpr uint32_t kShowAgainMs = 20;
inline constexpr uint64_t kShowAllAgainMs = 250;  // all of it
// Whoever has a room says so often whom it shows there; whoever nobody answered asks again, after
// this, after more, and then as seldom.
inline constexpr uint64_t kDigestMs = 5'000;
inline constexpr uint64_t kAskAgainMs[] = {1'000, 5'000, 30'000};
// Nodes that have one room, as far as anybody looks.
inline constexpr size_t kMostOthers = 256;
// Nodes that ended whose late messages are told from those of others.
inline constexpr size_t kMostEnded = 64;
// What was heard and waits for one shard. Past it messages are missed, and their rooms find in the
// store what they lack.
inline constexpr size_t kMostHeardBytes = size_t{32} << 20;

}  // namespace freshet
