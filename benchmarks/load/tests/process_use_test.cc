#include "load/measure/process_use.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

namespace freshet::load {
namespace {

TEST(ProcessUse, ReadsTheTimesBehindANameOfBlanksAndBrackets) {
  const auto times = read_stat_line(
      "42 (a) b (c)) S 1 42 42 0 -1 4194560 1139 0 0 0 250 75 0 0 20 0 3 0 1 2 3", 100);
  ASSERT_TRUE(times);
  EXPECT_DOUBLE_EQ(times->user_s, 2.5);
  EXPECT_DOUBLE_EQ(times->system_s, 0.75);
  EXPECT_FALSE(read_stat_line("", 100));
  EXPECT_FALSE(read_stat_line("42 (a) S 1 42", 100));
}

TEST(ProcessUse, KnowsThisProcessAndNoneThatIsNot) {
  const auto use = read_process_use(getpid());
  ASSERT_TRUE(use);
  EXPECT_GT(use->rss_bytes, 100'000u);
  EXPECT_FALSE(use->threads.empty());
  EXPECT_GT(use->run_s, 0);
  EXPECT_FALSE(read_process_use(0x7fffffff));
}

TEST(ProcessUse, RemembersThePeakSinceItWasToldToForget) {
  constexpr size_t kBytes = 64 << 20;
  // Of the system itself: an allocator may keep what is given back.
  const auto fill = [] {
    void* memory =
        mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(memory, MAP_FAILED);
    std::memset(memory, 1, kBytes);
    munmap(memory, kBytes);
  };
  fill();
  EXPECT_GT(read_process_use(getpid())->peak_rss_bytes, kBytes);
  if (!forget_peak(getpid())) GTEST_SKIP() << "this kernel does not forget";
  const uint64_t before = read_process_use(getpid())->peak_rss_bytes;
  EXPECT_LT(before, read_process_use(getpid())->rss_bytes + kBytes / 2);
  fill();
  EXPECT_GT(read_process_use(getpid())->peak_rss_bytes, before + kBytes / 2);
}

}  // namespace
}  // namespace freshet::load
