// plugins/store-sqlite/database/schema.h: what is in the file.
//
//   rooms      one row per room: its name, the history it has (epoch), and what is stored of it
//   snapshots  at most one per room: the document through rooms.snapshot_seq
//   updates    the log after it: every sequence from snapshot_seq + 1 to last_seq, whose it is and
//              when it was applied
//   arrivals   what goes on from there, of all rooms; see arrivals.h
//   kept       what apps keep beside rooms
//   log_mark   which write-ahead log belongs to this file; see log_mark.h
//   outbox     what has to reach somebody outside, dead letters too; outbox_topics sums it up
//
// `application_id` marks the file as Freshet's, `user_version` is the version of this schema. A
// checksum covers the room's epoch, the sequence and the bytes; see checksum.h.
#pragma once

#include <cstdint>
#include <span>

#include "store-sqlite/database/database.h"

namespace freshet::sqlite {

// "frsh"
inline constexpr uint32_t kApplicationId = 0x66727368;

// Step n brings a file from version n to n + 1; an empty file has version 0. Steps are never
// changed once released, only added.
std::span<const char* const> migrations();

// The version this build writes, and the newest it reads.
inline int64_t newest_version() { return static_cast<int64_t>(migrations().size()); }

// Takes the file from version `from` to the end of `steps`. REQUIRES: a transaction is open.
int migrate(Database& db, int64_t from, std::span<const char* const> steps);

}  // namespace freshet::sqlite
