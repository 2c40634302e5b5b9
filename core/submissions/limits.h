// core/submissions/limits.h: the bounds of what waits in a room that no setting moves.
#pragma once

#include <cstddef>

namespace freshet {

// Commands from outside that wait for a room to be loaded: they are plugins', and have a bound
// apart from what its clients send. The first is taken whatever its size, which is bounded where it
// comes in.
inline constexpr size_t kMaxCommandBytes = size_t{16} << 20;

}  // namespace freshet
