#include "platform-ws/memory_return.h"

#include <malloc.h>

#include <algorithm>
#include <chrono>

#include "platform-ws/limits.h"
#include "platform-ws/process_memory.h"

namespace freshet::ws {

void MemoryReturn::start() {
  timer_.expires_after(std::chrono::milliseconds(kMemoryLookMs));
  timer_.async_wait([this](boost::system::error_code ec) {
    if (ec) return;
    look();
    start();
  });
}

#ifdef __GLIBC__

// Left alone, the bounds follow the largest block that was freed, and then each thread that had a
// large one keeps as much at the end of its own heap, where malloc_trim() does not look.
MemoryReturn::MemoryReturn(boost::asio::io_context& main) : timer_(main) {
  ::mallopt(M_MMAP_THRESHOLD, kLargeBlockBytes);
  ::mallopt(M_TRIM_THRESHOLD, 2 * kLargeBlockBytes);
}

namespace {

// Of what is resident, what is not in use.
size_t idle_of(size_t resident) {
  const struct mallinfo2 heap = ::mallinfo2();
  return resident - std::min(resident, heap.uordblks + heap.hblkhd);
}

}  // namespace

void MemoryReturn::look() {
  const size_t resident = resident_bytes(), idle = idle_of(resident);
  kept_bytes_ = std::min(kept_bytes_, idle);
  const size_t worth = std::max(kWorthReturningBytes, resident / kWorthReturningShare);
  if (idle - kept_bytes_ < worth) return;
  ::malloc_trim(0);
  kept_bytes_ = idle_of(resident_bytes());
}

#else

MemoryReturn::MemoryReturn(boost::asio::io_context& main) : timer_(main) {}

void MemoryReturn::look() {}

#endif

}  // namespace freshet::ws
