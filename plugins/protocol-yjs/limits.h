// limits.h: the bounds of the y-websocket wire that no setting moves.
#pragma once

#include <cstddef>

namespace freshet::yjs {

// Entries of one awareness message whose memory a connection keeps for the next one.
inline constexpr size_t kKeptEntries = 64;

}  // namespace freshet::yjs
