// limits.h: the bounds of tokens and keys that no setting moves.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet::jwt {

inline constexpr size_t kMaxTokenBytes = 8 * 1024;
inline constexpr unsigned kMaxJsonDepth = 32;
inline constexpr size_t kMaxUserBytes = 4 * 1024;

// Of one claim that names rooms.
inline constexpr size_t kMaxRoomPatterns = 64;
inline constexpr size_t kMaxPatternBytes = 512;

// A token without a key id is tried with every key of its algorithm.
inline constexpr size_t kMaxKeys = 32;
inline constexpr size_t kMaxKeyIdBytes = 128;
inline constexpr size_t kMaxKeyFileBytes = 256 * 1024;
// A key set that is gone or damaged is tried again this often, while it may be on its way; its keys
// are good for so much longer, and then no more.
inline constexpr uint64_t kJwksRetryMs = 500;
inline constexpr uint64_t kJwksGraceMs = 60'000;

// RFC 7518, section 3.2: a key of the size of the hash or larger.
inline constexpr size_t kMinSecretBytes = 32;
// RFC 7518, section 3.3; and what a signature may cost us to look at.
inline constexpr int kMinRsaBits = 2048;
inline constexpr int kMaxRsaBits = 8192;

// A token that a backend asks for: the request, how long it is good if that does not say, and at
// most.
inline constexpr size_t kMaxTokenRequestBytes = 16 * 1024;
inline constexpr int64_t kTokenMaxAgeMs = 60'000;
inline constexpr double kMaxTokenAgeMs = 365.0 * 86'400'000;

// Seconds, either way: 285,000 years, which stay exact as milliseconds in a double.
inline constexpr double kMaxSeconds = 9e12;

// Of what a log line repeats from a token or a request.
inline constexpr size_t kMaxQuotedBytes = 64;

}  // namespace freshet::jwt
