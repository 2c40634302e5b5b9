#include "app-webhook/sending/circuit_breaker.h"

#include <algorithm>
#include <utility>

#include "app-webhook/sending/backoff.h"

namespace freshet::webhook {

bool CircuitBreaker::failed(uint64_t now_ms) {
  ++failures_;
  if (is_open()) {
    due_ms_ = now_ms + backoff_ms(failures_ - kFailuresUntilProbing + 1,
                                  static_cast<uint64_t>(options_.retry_ms),
                                  static_cast<uint64_t>(options_.retry_max_ms), random_);
  }
  return failures_ == 1;
}

bool CircuitBreaker::answered() {
  const bool was_open = is_open();
  failures_ = 0;
  return was_open;
}

bool CircuitBreaker::lets_through(size_t under_way, uint64_t now_ms) const {
  return !is_open() || (under_way == 0 && now_ms >= due_ms_);
}

uint64_t CircuitBreaker::due_ms(uint64_t due_ms) const {
  return is_open() ? std::max(due_ms, due_ms_) : due_ms;
}

}  // namespace freshet::webhook
