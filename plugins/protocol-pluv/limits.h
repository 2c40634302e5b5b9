// limits.h: the bounds of the pluv wire that no setting moves.
#pragma once

#include <cstddef>

namespace freshet::pluv {

// Objects and arrays inside each other in one message.
inline constexpr unsigned kMaxDepth = 64;

inline constexpr size_t kMaxEventNameBytes = 256;

// Of a presence, as far as the setting goes; and of a change to one, white space included.
inline constexpr size_t kMaxPresenceBytes = size_t{64} << 10;

}  // namespace freshet::pluv
