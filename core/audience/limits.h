// core/audience/limits.h: the bounds of what a room sends that no setting moves.
#pragma once

#include <cstdint>

namespace freshet {

// The variants of encoding a wire may have (freshet_join.variant): each costs one encoding of each
// delivery.
inline constexpr uint32_t kMaxVariants = 8;

}  // namespace freshet
