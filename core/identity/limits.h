// core/identity/limits.h: the bounds of what an auth plugin says that no setting moves.
#pragma once

#include <cstddef>

namespace freshet {

// Somebody's user, as JSON, and what he may do.
inline constexpr size_t kAuthAnswerBytes = size_t{64} << 10;

}  // namespace freshet
