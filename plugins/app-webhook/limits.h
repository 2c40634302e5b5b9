// plugins/app-webhook/limits.h: the bounds of webhooks.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet::webhook {

// Entries of the outbox known at a time, by id and room; the rest stays in the store until these
// are fewer.
inline constexpr size_t kWindowEntries = 100'000;
inline constexpr uint32_t kListEntries = 1000;  // asked for at once

// A response to a delivery says little; one with a room's first state says much.
inline constexpr size_t kMaxAnswerBytes = size_t{64} << 10;
inline constexpr size_t kMaxInitialBytes = size_t{256} << 20;

// Of what a backend or the network says, in the log and with a dead letter.
inline constexpr size_t kMaxReasonBytes = 300;

// Nesting of a user's JSON: what is sent is written by recursion.
inline constexpr int kMaxDepth = 64;

// After so many failures in a row, whatever the room, one delivery at a time asks whether the
// backend is there again.
inline constexpr uint32_t kFailuresUntilProbing = 8;

// Between attempts to reach the store, which fails and heals as a whole.
inline constexpr uint64_t kStoreRetryMs = 500;
inline constexpr uint64_t kStoreRetryMaxMs = 5000;

// A backend that is gone is told of once in so long.
inline constexpr uint64_t kComplainAgainMs = 60'000;
inline constexpr int64_t kMaxIdleMs = 60'000;

inline constexpr size_t kMaxSecretFileBytes = 4096;

// Settings.
inline constexpr int64_t kMaxParallel = 256;
inline constexpr int64_t kMaxTimeoutMs = 10 * 60 * 1000;
inline constexpr int64_t kMaxRetryMs = int64_t{24} * 60 * 60 * 1000;
inline constexpr int64_t kMaxGiveUpMs = int64_t{365} * 24 * 60 * 60 * 1000;
inline constexpr int64_t kMaxAttempts = 1'000'000;

}  // namespace freshet::webhook
