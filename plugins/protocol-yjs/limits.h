// limits.h: the bounds of the y-websocket wire that no setting moves.
#pragma once

#include <cstddef>

namespace freshet::yjs {

// Of one awareness state. The core's `presence_bytes` is the bound an operator sees; this one keeps
// a state from being walked at all when it is beyond anything that could be meant.
inline constexpr size_t kMaxStateBytes = size_t{1} << 20;

// Objects and arrays inside each other in one awareness state.
inline constexpr unsigned kMaxStateDepth = 64;

// Entries of one awareness message whose memory a connection keeps for the next one.
inline constexpr size_t kKeptEntries = 64;

}  // namespace freshet::yjs
