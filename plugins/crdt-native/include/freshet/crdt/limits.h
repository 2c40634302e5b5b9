// freshet/crdt/limits.h: every bound of the engine, in one place.
//
// What a peer sends is measured against these before anything changes. Over a limit on one update
// is Status::too_large, over a limit on the whole document Status::limit. What Doc::load and
// merge_updates take has been let in before: it may be as large as a document gets.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet::crdt {

// One update that a peer sends.
inline constexpr size_t kMaxUpdateBytes = size_t{64} << 20;
inline constexpr size_t kMaxStructsPerUpdate = 4'000'000;
inline constexpr size_t kMaxRangesPerUpdate = 4'000'000;
inline constexpr size_t kMaxClientsPerUpdate = 200'000;
// Elements of Any and JSON contents, nested ones included.
inline constexpr size_t kMaxValuesPerUpdate = 8'000'000;
// In format v2 like structs in a row take no bytes at all: a list that grew at its front and was
// cleared is 20,000 structs in 42 bytes. So many are free, and so many more for each byte.
inline constexpr size_t kStructsFreeInV2 = size_t{1} << 20;
inline constexpr size_t kStructsPerByteInV2 = 64;

// What squash_updates takes, together. So little that the result is within every limit above.
inline constexpr size_t kMaxSquashedBytes = size_t{512} << 10;

// Any update, stored ones included: offsets into one are 32-bit.
inline constexpr size_t kMaxStoredUpdateBytes = (size_t{1} << 32) - 1;
// Nesting of one Any or JSON value.
inline constexpr size_t kMaxValueDepth = 512;
inline constexpr size_t kMaxRootNameBytes = 4096;
inline constexpr size_t kMaxKeyBytes = size_t{64} << 10;

// A clock and the end of every range fit 32 bits, as other engines require, so that no update can
// use up a client's clock space beyond what all of them can read.
inline constexpr uint64_t kMaxClock = 0xffff'ffff;

// One document. Clients are numbered in 20 bits, lists in 28.
inline constexpr size_t kMaxClients = (size_t{1} << 20) - 1;
inline constexpr size_t kMaxRoots = 100'000;
inline constexpr size_t kMaxItems = (size_t{1} << 28) - 1;
inline constexpr size_t kMaxTextBytesPerClient = (size_t{1} << 31) - 1;
inline constexpr size_t kMaxValueBytesPerClient = (size_t{1} << 32) - 1;

// Structs and deletions that wait for what they depend on, with kParkedOverheadBytes for each.
inline constexpr size_t kMaxPendingBytes = size_t{8} << 20;
// The same while what was stored is read back: rows that were merged may come before what they go
// on from, and however much peers have left waiting, there is room for that.
inline constexpr size_t kMaxStoredPendingBytes = size_t{12} << 20;
inline constexpr size_t kParkedOverheadBytes = 64;

// Shared types nested deeper than this are shown as null in a JSON view.
inline constexpr size_t kMaxViewDepth = 1000;

// An outline shows no more of a text or a value, and nothing below; a description of an update no
// more of a content.
inline constexpr size_t kMaxOutlineDepth = 50;
inline constexpr size_t kOutlineTextBytes = 500;
inline constexpr size_t kDescribedContentBytes = 80;

// Awareness: one client's state as JSON text, and how many clients one instance remembers.
inline constexpr size_t kMaxAwarenessStateBytes = size_t{1} << 20;
inline constexpr size_t kMaxAwarenessClients = 100'000;

}  // namespace freshet::crdt
