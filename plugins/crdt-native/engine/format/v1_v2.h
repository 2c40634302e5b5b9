// Update format v2, to and from v1, within the limits of who wrote it.
#pragma once

#include <cstdint>
#include <vector>

#include "format/update_v1.h"
#include "freshet/bytes.h"
#include "freshet/result.h"

namespace freshet::crdt {

// Appends the update in v1. What v1 has rules for (JSON, types, clocks) is as unchecked as it was:
// decode_update has yet to look at it. On failure nothing is appended.
Status unchecked_v1_of(Bytes v2, std::vector<uint8_t>& out, const UpdateLimits& limits);

// Appends the update in v2, checked.
Status v2_of(Bytes v1, std::vector<uint8_t>& out, const UpdateLimits& limits);

}  // namespace freshet::crdt
