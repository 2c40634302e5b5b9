// plugins/app-webhook/sending/store_retries.h: what the store failed to do, to be done again; it
// fails and heals as a whole.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <random>

#include "app-webhook/sending/clock.h"

namespace freshet::webhook {

// On one thread.
class StoreRetries {
 public:
  // Borrows both.
  StoreRetries(const Clock& clock, std::mt19937_64& random) : clock_(clock), random_(random) {}

  // Calls it after a pause, which gets longer until the store works again.
  void failed(std::function<void()> again);
  void worked() { failures_ = 0; }

  void run_due();
  uint64_t next_ms() const { return later_.empty() ? UINT64_MAX : later_.begin()->first; }

 private:
  const Clock& clock_;
  std::mt19937_64& random_;
  uint64_t failures_ = 0;
  std::multimap<uint64_t, std::function<void()>> later_;  // by when
};

}  // namespace freshet::webhook
