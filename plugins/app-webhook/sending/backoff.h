// plugins/app-webhook/sending/backoff.h: how long to wait after a failure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>

namespace freshet::webhook {

// After the n-th failure in a row (from 1): between half and all of first × 2^(n-1), never more
// than `most`. The half that is left to chance keeps senders from coming back all at once.
template <class Random>
uint64_t backoff_ms(uint64_t failures, uint64_t first, uint64_t most, Random& random) {
  uint64_t whole = std::min(first, most);
  for (uint64_t n = 1; n < failures && whole < most; ++n) whole = std::min(whole * 2, most);
  return whole - std::uniform_int_distribution<uint64_t>(0, whole / 2)(random);
}

}  // namespace freshet::webhook
