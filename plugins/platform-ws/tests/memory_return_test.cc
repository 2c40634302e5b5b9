// Memory that was freed between things that stay: a server that had a bad minute is small again.
#include "platform-ws/memory_return.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <thread>
#include <vector>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FRESHET_SANITIZED 1
#elif defined(__has_feature)
#define FRESHET_SANITIZED (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#else
#define FRESHET_SANITIZED 0
#endif

namespace freshet::ws::testing {
namespace {

constexpr size_t kMiB = 1 << 20;

size_t resident_bytes() {
  size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages >> pages;
  return pages * static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

// Blocks as a busy server has them, of which one in `one_stays_of` stays at its place.
std::vector<std::unique_ptr<char[]>> bad_minute(size_t bytes, size_t one_stays_of) {
  constexpr size_t kBlockBytes = 1'000;
  std::vector<std::unique_ptr<char[]>> blocks(bytes / kBlockBytes);
  for (auto& block : blocks) block = std::make_unique<char[]>(kBlockBytes);
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (i % one_stays_of != 0) blocks[i].reset();
  }
  return blocks;
}

TEST(MemoryReturn, GivesBackWhatLiesBetweenThingsThatStay) {
  if (FRESHET_SANITIZED != 0) GTEST_SKIP() << "a sanitizer allocates in its own way";
  const size_t before = resident_bytes();
  const auto kept = bad_minute(64 * kMiB, 1'000);
  ASSERT_GT(resident_bytes(), before + 50 * kMiB) << "there is nothing to give back";
  boost::asio::io_context main;
  MemoryReturn memory(main);
  memory.look();
  EXPECT_LT(resident_bytes(), before + 8 * kMiB);
}

TEST(MemoryReturn, LeavesAloneWhatIsLittle) {
  if (FRESHET_SANITIZED != 0) GTEST_SKIP() << "a sanitizer allocates in its own way";
  boost::asio::io_context main;
  MemoryReturn memory(main);
  memory.look();
  const auto kept = bad_minute(4 * kMiB, 1'000);
  const size_t before = resident_bytes();
  memory.look();
  EXPECT_EQ(resident_bytes(), before);
}

// A thread's own heap ends in what it freed last, which asking does not bring back.
TEST(MemoryReturn, OfLargeBlocksKeepsNothingOnAnyThread) {
  if (FRESHET_SANITIZED != 0) GTEST_SKIP() << "a sanitizer allocates in its own way";
  boost::asio::io_context main;
  MemoryReturn memory(main);
  const size_t before = resident_bytes();
  for (int i = 0; i < 4; ++i) {
    std::thread([] {
      const auto freed_first = std::make_unique<std::vector<char>>(30 * kMiB, 'x');
    }).join();
    std::thread([] {
      const std::vector<char> document(20 * kMiB, 'x'), frame(20 * kMiB, 'x');
    }).join();
  }
  memory.look();
  EXPECT_LT(resident_bytes(), before + 8 * kMiB);
}

}  // namespace
}  // namespace freshet::ws::testing
