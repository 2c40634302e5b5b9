#include "core/check/plugin/resources.h"

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "core/check/limits.h"

namespace freshet::check {
namespace {

size_t entries(const char* folder) {
  std::error_code error;
  size_t count = 0;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    ++count;
  }
  return count;
}

}  // namespace

Resources Resources::now() {
  const struct mallinfo2 memory = ::mallinfo2();
  return {entries("/proc/self/task"), entries("/proc/self/fd"), memory.uordblks + memory.hblkhd};
}

Resources Resources::settled(const Resources& before) {
  const auto deadline = std::chrono::steady_clock::now() + kSettleTime;
  Resources out = now();
  while ((out.threads > before.threads || out.files > before.files) &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    out = now();
  }
  return out;
}

}  // namespace freshet::check
