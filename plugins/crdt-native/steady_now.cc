#include "crdt-native/steady_now.h"

#include <chrono>

namespace freshet {

uint64_t steady_now_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

}  // namespace freshet
