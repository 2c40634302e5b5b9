// core/audience/limits.h: the bounds of what a room sends that no setting moves.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet {

// The variants of encoding a wire may have (freshet_join.variant): each costs one encoding of each
// delivery.
inline constexpr uint32_t kMaxVariants = 8;

// Of what an app says to whom it refuses: as many bytes as a close of RFC 6455 has room for.
inline constexpr size_t kMaxReasonBytes = 123;

}  // namespace freshet
