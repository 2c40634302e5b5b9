// Updates as one, joined as bytes: no document, no tree, nothing is looked up.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "freshet/bytes.h"
#include "freshet/result.h"

namespace freshet::crdt {

// As squash_updates of freshet/crdt/updates.h. Cost: linear in the bytes, and the sections are
// sorted. Allocates a few times a call, not for each update.
Status squash(std::span<const Bytes> updates, std::vector<uint8_t>& out);

}  // namespace freshet::crdt
