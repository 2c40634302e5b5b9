#include "app-webhook/sending/clock.h"

#include <chrono>
#include <thread>

namespace freshet::webhook {
namespace {

template <class Of>
uint64_t since_epoch_ms() {
  using std::chrono::milliseconds;
  const auto since = Of::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<milliseconds>(since).count());
}

}  // namespace

uint64_t SystemClock::now_ms() const { return since_epoch_ms<std::chrono::steady_clock>(); }
uint64_t SystemClock::unix_ms() const { return since_epoch_ms<std::chrono::system_clock>(); }

void SystemClock::sleep_ms(uint64_t ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

}  // namespace freshet::webhook
