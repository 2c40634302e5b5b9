#include "app-webhook/sending/store_retries.h"

#include <utility>

#include "app-webhook/limits.h"
#include "app-webhook/sending/backoff.h"

namespace freshet::webhook {

void StoreRetries::failed(std::function<void()> again) {
  ++failures_;
  const uint64_t pause_ms = backoff_ms(failures_, kStoreRetryMs, kStoreRetryMaxMs, random_);
  later_.emplace(clock_.now_ms() + pause_ms, std::move(again));
}

void StoreRetries::run_due() {
  const uint64_t now = clock_.now_ms();
  while (next_ms() <= now) {
    const auto again = std::move(later_.begin()->second);
    later_.erase(later_.begin());
    again();
  }
}

}  // namespace freshet::webhook
