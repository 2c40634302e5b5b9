// core/identity/limits.h: the bounds of what an auth plugin says that no setting moves.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet {

// Somebody's user, as JSON, and what he may do.
inline constexpr size_t kAuthAnswerBytes = size_t{64} << 10;

// Wrong admin keys that an address may say, ten times as many at once; and addresses that are
// remembered for it.
inline constexpr uint64_t kWrongKeysPerSecond = 1;
inline constexpr size_t kKeyTryingAddresses = 1'000;
// Of an address: the longest of IPv6 has 45.
inline constexpr size_t kMaxPeerBytes = 64;

}  // namespace freshet
