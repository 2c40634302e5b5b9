// plugins/store-sqlite/limits.h: the bounds of the embedded store.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet::sqlite {

// One value, a snapshot or an update. SQLite's own bound on a row is 1,000,000,000 bytes in the
// builds that distributions ship; the rest of the row is far below the difference.
inline constexpr size_t kMaxValueBytes = 999'000'000;

// Damaged rooms that are remembered, so that each is told of once and not at every join.
inline constexpr size_t kMaxDamagedRoomsTold = 64;

// Writers whose last batch is remembered: a server has one for each of its shards.
inline constexpr size_t kMaxWriters = 4096;

// Values that apps keep beside one room, by any of them: past that it is no place for them.
inline constexpr int64_t kMaxKeptValues = 64;

// Rows that arrive before all of them move into the log, which takes some milliseconds.
inline constexpr size_t kMaxArrivals = 2048;
// Rooms of a batch from which on its rows arrive: of fewer the log has no more pages to write.
inline constexpr size_t kMinArrivingRooms = 4;
// Bytes an update, over a batch, past which it goes into the log at once: it fills its own pages,
// and would be written twice.
inline constexpr size_t kMaxArrivingBytes = 1024;

// Rows of rooms that are remembered, each as long as the room's name and some hundred bytes; past
// that all are read anew.
inline constexpr size_t kMaxKnownRooms = 4096;

// Complaints of an integrity check that are put in the log; a person needs to see a few.
inline constexpr int kMaxLoggedComplaints = 3;

// Settings.
inline constexpr int64_t kMinCacheBytes = int64_t{1} << 20;
inline constexpr int64_t kMaxCacheBytes = int64_t{64} << 30;
inline constexpr int64_t kMinCheckpointBytes = int64_t{64} << 10;
inline constexpr int64_t kMaxCheckpointBytes = int64_t{16} << 30;
inline constexpr int64_t kMaxOutboxEntries = 100'000'000;
inline constexpr int64_t kMinOutboxBytes = int64_t{1} << 20;
inline constexpr int64_t kMaxOutboxBytes = int64_t{1} << 40;
inline constexpr int64_t kMaxLockWaitMs = 10 * 60 * 1000;

}  // namespace freshet::sqlite
