// core/tests/rates/start.h: when the tests of rates begin, in ms of the server's clock.
#pragma once

#include <cstdint>

namespace freshet {

// Not 0: rates are new at a time like any other.
constexpr uint64_t kStartMs = 5'000;

}  // namespace freshet
