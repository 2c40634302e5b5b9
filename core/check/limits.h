// core/check/limits.h: how long, how often and how much the checker tries.
#pragma once

#include <chrono>
#include <cstddef>

namespace freshet::check {

// A test that takes longer hangs, unless the command line says otherwise.
inline constexpr std::chrono::seconds kTestLimit{30};
inline constexpr int kMaxTestSeconds = 3600;

// What is kept of a plugin's log, and shown of it and of what it printed, with a test that failed.
inline constexpr size_t kMaxLogBytes = size_t{1} << 16;
inline constexpr size_t kShownBytes = 1500;
// What is kept of the faults that one test met: the same one comes again and again.
inline constexpr size_t kMaxBreaches = 16;
inline constexpr size_t kShownFaults = 3;

// A plugin is created and destroyed so often, or for so long, to see what stays behind. What grows
// less than that each time is the C library's own.
inline constexpr int kLeakRounds = 100;
inline constexpr int kFewestLeakRounds = 20;
inline constexpr std::chrono::seconds kLeakTime{6};
inline constexpr size_t kLeakBytes = 200;
inline constexpr int kCallRounds = 2000;

// Threads that were told to end may take so long to be gone; answers, so long to come twice.
inline constexpr std::chrono::milliseconds kSettleTime{2000};
inline constexpr std::chrono::milliseconds kLateAnswer{50};

// The server gives whoever identifies somebody so long.
inline constexpr std::chrono::seconds kAuthDeadline{10};

// One run of bytes by chance: the connections, and the messages of each.
inline constexpr int kFuzzConnections = 60;
inline constexpr int kFuzzMessages = 60;
inline constexpr size_t kFuzzBytes = 400;
// What a connection may keep of messages that it was sent and has not answered: the largest share
// of memory for one that sends a few kilobytes.
inline constexpr size_t kMaxConnectionBytes = size_t{4} << 20;

// A call on a shard takes microseconds. One that takes so long, and more than once, is no accident
// of a machine that has much to do.
inline constexpr std::chrono::milliseconds kShardTime{200};
inline constexpr size_t kLargeMessage = 100'000;

// Copies of a document, and edits of each.
inline constexpr int kReplicas = 3;
inline constexpr int kEdits = 60;

// What a process that is to be killed appends until then.
inline constexpr int kAppendsBeforeKill = 40;
// What a disk takes before it is full.
inline constexpr size_t kDiskBytes = size_t{256} << 10;

}  // namespace freshet::check
