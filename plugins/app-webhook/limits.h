// plugins/app-webhook/limits.h: the bounds of webhooks.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet::webhook {

// Entries of the outbox known at a time, by id and room; the rest stays in the store until these
// are fewer.
inline constexpr size_t kWindowEntries = 100'000;
inline constexpr uint32_t kListEntries = 1000;  // asked for at once

// A response to a delivery says little; of one with a room's first state `initial_bytes` are read.
inline constexpr size_t kMaxAnswerBytes = size_t{64} << 10;

// Events that wait for a place in an outbox that is full, each on a worker of its own; what comes
// then is lost at once, so that first states and the rest of the workers go on.
inline constexpr int kMaxWaitForPlace = 4;

// Of what a backend or the network says, in the log and with a dead letter.
inline constexpr size_t kMaxReasonBytes = 300;

// Nesting of a user's JSON: what is sent is written by recursion.
inline constexpr int kMaxDepth = 64;

// ProseMirror's JSON of a room that begins: the engine takes 1 MiB of it as one edit, and a tree of
// it is built, spaces aside.
inline constexpr size_t kMaxDocumentJsonBytes = size_t{4} << 20;

// Rooms of which it is known who edited them last; of the others it is nobody.
inline constexpr size_t kMaxAuthors = 100'000;

// After so many failures in a row, whatever the room, one delivery at a time asks whether the
// backend is there again.
inline constexpr uint32_t kFailuresUntilProbing = 8;

// Between attempts to reach the store, which fails and heals as a whole.
inline constexpr uint64_t kStoreRetryMs = 500;
inline constexpr uint64_t kStoreRetryMaxMs = 5000;

// Of servers that share a store one delivers: it claims that for so long, and again each so often;
// so another one delivers after the two of them at the latest, when it has died.
inline constexpr uint32_t kClaimMs = 10'000;
inline constexpr uint64_t kRenewClaimMs = 2500;
// An end waits so long for the store to know that another may.
inline constexpr uint64_t kLetGoMs = 1000;
// Entries that others add are looked for each so often.
inline constexpr uint64_t kLookMs = 750;

// A backend that is gone, events that are lost and answers that are too long are each told of once
// in so long.
inline constexpr uint64_t kComplainAgainMs = 60'000;
inline constexpr int64_t kMaxIdleMs = 60'000;

inline constexpr size_t kMaxSecretFileBytes = 4096;
inline constexpr uintmax_t kMaxCaFileBytes = uintmax_t{16} << 20;  // the system's has 1/4 MiB

// Settings.
inline constexpr int64_t kMaxParallel = 256;
inline constexpr int64_t kMaxTimeoutMs = 10 * 60 * 1000;
inline constexpr int64_t kMaxRetryMs = int64_t{24} * 60 * 60 * 1000;
inline constexpr int64_t kMaxGiveUpMs = int64_t{365} * 24 * 60 * 60 * 1000;
inline constexpr int64_t kMaxAttempts = 1'000'000;
inline constexpr int64_t kMinInitialBytes = int64_t{64} << 10;
inline constexpr int64_t kMaxInitialBytes = int64_t{1} << 30;
inline constexpr int64_t kMaxInitialTotalBytes = int64_t{16} << 30;

}  // namespace freshet::webhook
