// core/cluster/limits.h: the bounds of what nodes ask of the store that they share.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet {

// Rooms of one shard that are asked for at once, once a second; with more of them each has its turn
// less often.
inline constexpr size_t kMostAsked = 1'000;

// ---- see store_claim.h ----
// A server that died is missed for as long.
inline constexpr uint32_t kStoreClaimMs = 10'000;
inline constexpr uint32_t kRenewClaimMs = 2'500;

}  // namespace freshet
