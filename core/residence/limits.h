// core/residence/limits.h: the bounds of where documents are that no setting moves.
#pragma once

#include <cstdint>

namespace freshet {

// Rows of other nodes that are read at once: about what one turn of the shard should apply.
inline constexpr uint64_t kTailBytes = uint64_t{256} << 10;

}  // namespace freshet
