// limits.h: the bounds of the platform that are not worth a setting, each with its reason.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet::ws {

// Readable bytes behind every message view (rule 1 of the services): decoders may load whole words.
inline constexpr size_t kReadAheadBytes = 64;
// One buffer per loop takes every read; an idle connection owns none. Large enough for a burst of
// small frames to be taken in one system call, small enough to stay in the second-level cache.
inline constexpr size_t kReadBufferBytes = 256 * 1024;
// The first read after a pause takes no more: whoever sent too much has a full buffer of it ready.
inline constexpr size_t kAfterPauseBytes = 16 * 1024;
// What a connection keeps between two reads when no message is under way: a frame header, or a
// control frame (2 + 4 + 125 bytes) that has not come whole.
inline constexpr size_t kCarryBytes = 144;
// A message buffer larger than this is given back as soon as its message was delivered.
inline constexpr size_t kKeptBufferBytes = 16 * 1024;

inline constexpr size_t kMaxControlPayload = 125;  // RFC 6455, 5.5
inline constexpr size_t kMaxCloseReason = 123;     // the code takes two of them
inline constexpr size_t kMaxFrameHeader = 10;      // ours carry no mask
// A peer that sends pings and reads nothing gets no more than this many answers queued.
inline constexpr uint32_t kMaxQueuedPongs = 64;

// Urgent messages of one connection that wait, with their frame headers: they pass before the
// queue, so they must not become a second one. Some thirty answers to a ping.
inline constexpr size_t kMaxUrgentBytes = 4096;

// A connection with more than this waiting for its peer is not held when it closes.
inline constexpr size_t kMaxHeldQueueBytes = 64 * 1024;

// The body of a request is kept in pieces of this size until it is whole: larger ones would come
// from the system one by one, smaller ones are many.
inline constexpr size_t kBodyPieceBytes = 64 * 1024;

// Bodies up to this size are copied into the queue: cheaper than a reference and an iovec.
inline constexpr size_t kInlineBodyBytes = 256;
// What waits for a peer lies in chunks between these sizes: little for who is quiet, and for who is
// slow so much that a system call takes megabytes with few iovecs.
inline constexpr size_t kLeastChunkBytes = 256;
inline constexpr size_t kMaxChunkBytes = 16 * 1024;
inline constexpr size_t kMaxGather = 128;  // iovecs of one system call
// With so much gathered, looking for more costs more than another call does.
inline constexpr size_t kGatherBytes = 512 * 1024;
// Gathering writes in a row to one reader before the others have their turn.
inline constexpr int kWriteRounds = 8;
// Reads in a row from one peer (TLS hands out 16 KiB records one by one), and what working them off
// may take, before the others have their turn; and the least that is worth a read.
inline constexpr int kReadsInARow = 8;
inline constexpr uint64_t kReadTurnNs = 1'000'000;
inline constexpr size_t kLeastReadBytes = 16 * 1024;
// All that have more to be read have together no more than so long before the loop looks for those
// that have been quiet.
inline constexpr uint64_t kReadingTurnNs = 2'000'000;
// Peers that send all the time are read so often, see loop/read_pace.h: by so much later an edit
// may come, of one who makes hundreds a second.
inline constexpr uint64_t kReadRoundNs = 2'000'000;
// One TLS record carries at most this much.
inline constexpr size_t kTlsRecordBytes = 16 * 1024;

inline constexpr int kAcceptBatch = 64;          // sockets taken per wake-up of a listener
inline constexpr uint32_t kAcceptPauseMs = 100;  // after running out of descriptors
inline constexpr size_t kMaxListeners = 64;
// Of a certificate with its chain, and of a key. OpenSSL reads what it is given to the end.
inline constexpr uintmax_t kMaxPemBytes = uintmax_t{1} << 20;
inline constexpr size_t kMaxQueues = 64;
inline constexpr uint32_t kMaxQueueThreads = 64;
inline constexpr size_t kMaxForwardedHops = 64;  // entries of X-Forwarded-For that are looked at

// Of where a client says it came to: the longest name of DNS, and a port.
inline constexpr size_t kMaxHostBytes = 255 + 6;

// A loop says so often that it goes on. One that has not for so long is given no newcomers; the
// next that is not one of these takes them, or else the platform's own loop aside.
inline constexpr uint32_t kLoopBeatMs = 100;
inline constexpr uint64_t kLoopHangsMs = 750;

// Time-outs are looked at this often, or four times as often as the shortest of them.
inline constexpr uint64_t kSweepMs = 1000;
inline constexpr uint64_t kMinSweepMs = 5;
// Whether there is memory to give back is looked at this often. It is worth it for so many bytes,
// and for that share of all: of a large server a little comes and goes all the time.
inline constexpr uint64_t kMemoryLookMs = 10'000;
inline constexpr size_t kWorthReturningBytes = 8 * 1024 * 1024;
inline constexpr size_t kWorthReturningShare = 16;
// From this size a block of memory is the system's again as soon as it is freed: to have it costs
// some microseconds then, and to fill it more.
inline constexpr int kLargeBlockBytes = 1024 * 1024;
// After the deadline, or a second signal, running worker jobs get this long before the process is
// ended under them: returning would free memory that they use.
inline constexpr uint32_t kForcedEndMs = 3000;

}  // namespace freshet::ws
