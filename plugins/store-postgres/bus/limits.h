// plugins/store-postgres/bus/limits.h: the bounds of the bus on PostgreSQL.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace freshet::postgres {

// The server refuses a payload of 8,000 bytes. It is text: 5,997 bytes in base64.
inline constexpr size_t kMaxPacketBytes = 7'999 / 4 * 3;

// What fits a packet together with a topic of 255 bytes, and some room to spare.
inline constexpr size_t kCheapBytes = 5'600;

inline constexpr size_t kMaxBusMessageBytes = size_t{1} << 20;

// Waiting to be sent, and how much of it is taken at once: about what one transaction notifies.
inline constexpr size_t kMaxOutgoingBytes = size_t{16} << 20;
inline constexpr size_t kMaxSentAtOnceBytes = size_t{256} << 10;

// A message that has waited for so long is not sent any more: its hearers have looked for what it
// says by themselves.
inline constexpr std::chrono::milliseconds kLongestWait{2'000};

// How long the server may work on one statement of the bus.
inline constexpr int64_t kBusStatementMs = 2'000;

// A note to itself that is not heard for so long, while nothing else is: it will not be.
inline constexpr int64_t kUnheardMs = 2'000;

// How long a connection on which nothing comes is left alone. Then it is asked, and gets
// kBusStatementMs and the grace of database/connection.h for its answer.
inline constexpr int64_t kListenerQuietMs = 3'000;
inline constexpr std::chrono::milliseconds kSenderQuiet{6'000};

// How long start() waits for a database that does not say no.
inline constexpr std::chrono::milliseconds kLongestStart{12'000};

// How long the end of a bus waits for what was published before it to be sent.
inline constexpr std::chrono::milliseconds kFarewell{1'000};

// Nodes whose last packet is remembered; each run of a server is another.
inline constexpr size_t kMaxSendersKnown = 1'000;

// Large messages: how long their rows stay, how often they are looked through, how many of them go
// at once, and how long a table that could not be made is done without.
inline constexpr int64_t kRowStaysMs = 60'000;
inline constexpr int64_t kRowsSweptEveryMs = 10'000;
inline constexpr int64_t kMaxRowsSwept = 200;
inline constexpr int64_t kTableAgainMs = 1'000;

}  // namespace freshet::postgres
