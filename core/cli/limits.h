// core/cli/limits.h: the bounds of what the command line reads and waits for.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace freshet::cli {

// Ten years: a token that is good for longer has its unit mistaken.
inline constexpr int64_t kMaxExpiresMs = int64_t{3650} * 86'400'000;

// Of a plugin: it becomes the name of files, of a class and of functions.
inline constexpr size_t kMaxPluginNameBytes = 40;

// Of schemas in schemas; what is deeper is unknown. Written by recursion.
inline constexpr unsigned kMaxSchemaDepth = 64;

// An update that is read from a file or a pipe: as large as a document may be by default.
inline constexpr size_t kMaxImportBytes = size_t{1} << 30;
// A state in a file of its own: what base64 makes of more than 1 GiB.
inline constexpr uintmax_t kMaxStateFileBytes = uintmax_t{1} << 31;

// One answer of a server, held in memory: the largest document as JSON, several times its update.
inline constexpr uint64_t kMaxResponseBytes = uint64_t{8} << 30;
// The admin address is on this machine or near it, so who is there answers at once; what is asked
// may take long, as a backup copies everything.
inline constexpr std::chrono::seconds kConnectDeadline{3};
inline constexpr std::chrono::seconds kAnswerDeadline{600};

// Of what a browser sends to `freshet studio`: the head of a request, the time for it, and how many
// at once. A browser opens six, and one for what is live.
inline constexpr size_t kPassageHeadBytes = size_t{16} << 10;
inline constexpr int kPassageHeadSeconds = 10;
inline constexpr int kPassagePauseMs = 100;  // when there are no descriptors for another
inline constexpr unsigned kMaxPassages = 64;
// Of the word that is its secret: 128 bits.
inline constexpr size_t kPassageWordDigits = 32;

// What a copy of a store writes as one unit: what a server does by default.
inline constexpr size_t kBatchRows = 4096;
inline constexpr size_t kBatchBytes = size_t{4} << 20;

// Rooms and letters asked for at once: some tens of kilobytes.
inline constexpr uint32_t kPageEntries = 1000;

}  // namespace freshet::cli
