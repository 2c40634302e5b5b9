// require.h: what a fuzz target claims of an input; a false claim stops it in every kind of build.
#pragma once

#include <cstdlib>

namespace freshet::fuzz {

inline void require(bool claim) {
  if (!claim) std::abort();
}

}  // namespace freshet::fuzz
