// core/http/limits.h: the bounds of requests that no setting moves.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet {

// Addresses whose rate is remembered at once, some megabyte. Past it the one that asked longest ago
// is forgotten: it is the most likely to have got back all it may have.
inline constexpr size_t kMaxRatedAddresses = 10'000;
// Of an address, as the platform says it: the longest IPv6 address has 45 bytes.
inline constexpr size_t kMaxAddressBytes = 64;

// What a route of a plugin answers: it is held whole.
inline constexpr size_t kRouteAnswerBytes = size_t{64} << 20;
// What a protocol shows a developer on the first page: a dozen lines.
inline constexpr size_t kMaxExampleBytes = size_t{4} << 10;

// How many of anything a page of the admin listener lists: unless asked otherwise, and at most, as
// a page is one answer, made in one turn of a shard.
inline constexpr uint32_t kListDefault = 100;
inline constexpr uint32_t kListMax = 10'000;

}  // namespace freshet
