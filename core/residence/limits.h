// core/residence/limits.h: the bounds of where documents are that no setting moves.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet {

// Rows of other nodes that are read at once: about what one turn of the shard should apply.
inline constexpr uint64_t kTailBytes = uint64_t{256} << 10;

// Rows of one room of which it is remembered who has written them, see row_marks.h.
inline constexpr size_t kMostRowMarks = 8;
// How much of what was committed last a database that fails over may lose.
inline constexpr uint64_t kYoungMs = 60'000;

// ---- what is heard on a bus, see early.h and tail.h
// Edits of other nodes in one room of which it is not known that they are stored.
inline constexpr size_t kMostEarly = 4'096;
// Commits in one room of which not all edits have been heard of yet.
inline constexpr size_t kMostNotes = 64;
// What is missing may still be heard: only then it is read from the store.
inline constexpr uint64_t kHearWithinMs = 50;
// How long other nodes have to say that what they said early is stored: less if somebody waits.
inline constexpr uint64_t kStoredWithinMs = 500;
inline constexpr uint64_t kStoredWithinWaitedForMs = 100;
inline constexpr uint32_t kLookAgainMs = 25;

}  // namespace freshet
