// plugins/app-webhook/sending/circuit_breaker.h: whether the backend is there, by how it took the
// last events, whatever their rooms. When all fail, one delivery at a time asks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>

#include "app-webhook/limits.h"
#include "app-webhook/options/options.h"

namespace freshet::webhook {

class CircuitBreaker {
 public:
  // Borrows both.
  CircuitBreaker(const Options& options, std::mt19937_64& random)
      : options_(options), random_(random) {}

  // The backend did not take one. True: it is the first in a row.
  bool failed(uint64_t now_ms);
  // It took one, or said what is wrong with it. True: it was gone until now.
  bool answered();
  // No more pause before it is asked.
  void end_pause(uint64_t now_ms) { due_ms_ = now_ms; }

  // Whether a delivery may begin, beside so many that are under way.
  bool lets_through(size_t under_way, uint64_t now_ms) const;
  // When one that is due then may begin, if none is under way.
  uint64_t due_ms(uint64_t due_ms) const;
  // One at a time.
  bool is_open() const { return failures_ >= kFailuresUntilProbing; }

 private:
  const Options& options_;
  std::mt19937_64& random_;
  uint64_t failures_ = 0;  // in a row
  uint64_t due_ms_ = 0;    // of the next, while it is open
};

}  // namespace freshet::webhook
