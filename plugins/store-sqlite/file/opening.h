// plugins/store-sqlite/file/opening.h: from a path to a file that is ours, whole and held.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "freshet/host.h"
#include "store-sqlite/database/database.h"
#include "store-sqlite/limits.h"

namespace freshet::sqlite {

// How much of the file is read before it is trusted.
enum class Integrity { quick, full, off };

struct Options {
  std::string path;  // without a flaw: see directory.h
  Integrity integrity = Integrity::quick;
  int64_t lock_wait_ms = 5000;              // for another process to let go of the file
  int64_t cache_bytes = int64_t{16} << 20;  // of pages in memory
  int64_t checkpoint_bytes = int64_t{16}
                             << 20;  // length of the write-ahead log before it is folded in
  // Of each topic of the outbox, and once more of its dead letters.
  int64_t outbox_max_entries = 1'000'000;
  int64_t outbox_max_bytes = int64_t{1} << 30;
  // Of each key in a topic, of what is not dead.
  int64_t outbox_key_max_entries = 10'000;
  int64_t outbox_key_max_bytes = int64_t{64} << 20;
  size_t max_arrivals = kMaxArrivals;  // see arrivals.h
  size_t min_arriving_rooms = kMinArrivingRooms;
  std::string vfs = {};     // an SQLite VFS; empty: the system's
  std::string called = {};  // in the log; empty: "store" and the path

  std::string name() const { return called.empty() ? "store " + path : called; }
};

// Opens the file, or makes one (mode 0600, in a directory made with 0700 if need be).
//
// The file stays locked against every other process until the database is closed or this process
// ends, in whatever way. On failure the reason has been logged and a file that was there is as it
// was, byte for byte: one of another program, of a newer Freshet, damaged, in use, or with the
// write-ahead log of another file beside it.
Result<Database> open_file(const Options& options, const Host& host);

}  // namespace freshet::sqlite
