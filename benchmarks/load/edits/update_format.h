// benchmarks/load/edits/update_format.h: the info byte of a struct in an update of Yjs, version 1:
// its kind, and which of its places follow.
#pragma once

#include <cstdint>

namespace freshet::load {

constexpr uint8_t kKind = 0x1f, kHasKey = 0x20, kHasRightOrigin = 0x40, kHasOrigin = 0x80;
constexpr uint8_t kGc = 0, kDeleted = 1, kText = 4, kSkip = 10;

}  // namespace freshet::load
