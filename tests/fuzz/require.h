// require.h: what a fuzz target claims of an input; a false claim stops it in every kind of build.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <source_location>

namespace freshet::fuzz {

inline void require(bool claim, std::source_location at = std::source_location::current()) {
  if (claim) return;
  std::fprintf(stderr, "%s:%u: not so\n", at.file_name(), static_cast<unsigned>(at.line()));
  std::abort();
}

}  // namespace freshet::fuzz
