// The last words of a process that crashes.
#include "core/report/crash.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>

#include "core/report/in_plugin.h"

namespace freshet {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSaysItItself = true;
#elif defined(__has_feature)
constexpr bool kSaysItItself = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSaysItItself = false;
#endif

TEST(CrashDeathTest, NamesTheFileAndWhatItWasAskedFor) {
  if (kSaysItItself) GTEST_SKIP() << "a sanitizer has last words of its own";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto crash = [](int number) {
    tell_of_crashes();
    const InPlugin inside("store-mine.load");
    static_cast<void>(std::raise(number));
  };
  EXPECT_DEATH(
      crash(SIGSEGV),
      "crashed \\(SIGSEGV\\) in .*host_tests, which was asked for store-mine.load, thread ");
  EXPECT_DEATH(crash(SIGFPE), "crashed \\(SIGFPE\\) in .*host_tests");
  const auto abort_alone = [] {
    tell_of_crashes();
    {
      const InPlugin inside("store-mine.load");
    }
    std::abort();
  };
  EXPECT_DEATH(abort_alone(), "crashed \\(SIGABRT\\) in .*host_tests, thread ");
}

}  // namespace
}  // namespace freshet
