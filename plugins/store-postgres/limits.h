// plugins/store-postgres/limits.h: the bounds of the store on PostgreSQL.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet::postgres {

// One value, a snapshot or an update. The server reads and writes a message in one piece of at most
// 1 GiB, and a value in it must leave room for others.
inline constexpr size_t kMaxValueBytes = 256'000'000;

// Of the updates that one INSERT carries; a batch with more has several, in one transaction.
inline constexpr size_t kMaxInsertBytes = size_t{32} << 20;

// Rows that one tail() answers: whoever is further behind asks again.
inline constexpr int64_t kMaxTailRows = 10'000;

// Rows of a log that one transaction deletes, and such transactions in a row.
inline constexpr int64_t kMaxSweptRows = 2'000;
inline constexpr int kMaxSweeps = 64;

// Values that apps keep beside one room, by any of them: past that it is no place for them.
inline constexpr int64_t kMaxKeptValues = 64;

// Calls that wait for a connection. Past that they are answered `retry` at once: the server has a
// bound of its own on what is not saved, and whoever asks comes again.
inline constexpr size_t kMaxWaitingCalls = 10'000;

// Damaged rooms that are remembered, so that each is told of once and not at every join.
inline constexpr size_t kMaxDamagedRoomsTold = 64;

// Between two attempts to connect: the first, and the longest.
inline constexpr int64_t kFirstPauseMs = 50;
inline constexpr int64_t kLongestPauseMs = 5'000;

// How much longer than the server may work on a statement nothing may be heard of it. Then the
// connection is taken for dead.
inline constexpr int64_t kAnswerGraceMs = 2'000;

// Between two lines of the log about the same passing failure.
inline constexpr int64_t kToldAgainMs = 60'000;

// Between two rounds of deleting what is no longer needed.
inline constexpr int64_t kSweepEveryMs = 10'000;

// How long rows stay after they were folded into a snapshot: who was behind then reads on as if
// nothing had happened.
inline constexpr int64_t kFoldedRowsStayMs = 60'000;

// Settings.
inline constexpr int64_t kMinConnections = 2;  // one is left for reading while the others write
inline constexpr int64_t kMaxConnections = 64;
inline constexpr int64_t kMaxTimeoutMs = 10 * 60 * 1000;
inline constexpr int64_t kMaxOutboxEntries = 100'000'000;
inline constexpr int64_t kMinOutboxBytes = int64_t{1} << 20;
inline constexpr int64_t kMaxOutboxBytes = int64_t{1} << 40;
inline constexpr size_t kMaxIdentifierBytes = 63;  // PostgreSQL cuts longer ones off silently

}  // namespace freshet::postgres
