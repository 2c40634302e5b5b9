// core/live/limits.h: the bounds of who looks at the server while it runs. A looker costs a named
// share at most, however much happens: what is over it is counted, or seen later.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet {

// Sockets at once: operators, each with a page or two; and of those who have not said the key.
inline constexpr uint32_t kMaxLookers = 32;
inline constexpr uint32_t kMaxKeyless = 32;
// Before that, who has not said the key is sent away.
inline constexpr uint64_t kKeyWithinMs = 10'000;
inline constexpr uint64_t kLookerMessageBytes = 4096;

// Of one socket: what it is sent in a second, and what may wait for it. Past either a picture is
// left out, and told again when there is place; what happened meanwhile is not.
inline constexpr size_t kLookerBytesPerSecond = size_t{4} << 20;
inline constexpr size_t kLookerQueueBytes = size_t{1} << 20;

// How often there is a look at anything, while somebody looks; and at what.
inline constexpr uint32_t kLookMs = 100;
inline constexpr uint64_t kServerEveryMs = 1'000;
inline constexpr uint64_t kRoomsEveryMs = 2'000;
inline constexpr uint64_t kRoomEveryMs = 1'000;
inline constexpr uint64_t kPluginsEveryMs = 5'000;
// The same of what a looker has just asked for anew, such as with each letter of a search.
inline constexpr uint64_t kAskedAgainMs = 200;

// An hour, which is kept always.
inline constexpr size_t kHistoryRows = 360;
inline constexpr uint32_t kHistoryEveryMs = 10'000;

// Of the list of rooms: what is told, and what one turn of a shard looks at.
inline constexpr size_t kMaxRankedRooms = 500;
inline constexpr size_t kRankedRooms = 100;
inline constexpr size_t kRoomsATurn = 500;
inline constexpr size_t kMaxSearchBytes = 256;

// Of one room.
inline constexpr size_t kShownPeople = 500;
inline constexpr size_t kShownClients = 100;
inline constexpr size_t kShownAuthors = 20;
inline constexpr size_t kShownStateBytes = 2048;  // of what one shows of itself
// Updates of it that are decoded in a second, and what of one.
inline constexpr uint32_t kUpdatesPerSecond = 30;
inline constexpr uint32_t kShownOperations = 20;
inline constexpr size_t kDescribedBytes = size_t{256} << 10;  // a longer one is told without them
// Whose rows are read once for their authors; a larger room shows those who write from now on.
inline constexpr size_t kReadForAuthorsBytes = size_t{1} << 20;
// Deletions are counted in time proportional to the document: seldom, and not of a large one.
inline constexpr uint64_t kDeletionsEveryMs = 5'000;
inline constexpr uint64_t kDeletionsOfItems = 50'000;
// All clients are looked at for the largest, as long as they are no more.
inline constexpr uint64_t kRankedClients = 50'000;
// Of its updates that are not saved; past it they are told apart no more until all are.
inline constexpr size_t kUnsavedKept = 20'000;
// Clients whose user is known.
inline constexpr size_t kKnownClients = 1'000;

// Lines of the log that are kept, and of one what is; and what a looker is sent of them in a
// second.
inline constexpr size_t kKeptLines = 200;
inline constexpr size_t kKeptLineBytes = 1024;
inline constexpr uint32_t kLogLinesPerSecond = 200;

}  // namespace freshet
