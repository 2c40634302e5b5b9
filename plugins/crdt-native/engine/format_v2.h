// Update format v2 on its way in.
#pragma once

#include <cstdint>
#include <vector>

#include "freshet/bytes.h"
#include "freshet/result.h"
#include "wire.h"

namespace freshet::crdt {

// Appends the update in v1. What v1 has rules for (JSON, types, clocks) is as unchecked as it was:
// decode_update has yet to look at it. On failure nothing is appended.
Status unchecked_v1_of(Bytes v2, std::vector<uint8_t>& out, const UpdateLimits& limits);

}  // namespace freshet::crdt
