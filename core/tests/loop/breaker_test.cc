// When a function of a plugin is called, and when it is left alone.
#include "core/loop/breaker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "core/tests/report/kept_log.h"

namespace freshet {
namespace {

using ::testing::HasSubstr;

struct BreakerTest : ::testing::Test {
  std::string told() { return std::exchange(log.lines, ""); }
  // Asked, and answered at once.
  bool call(Breaker& breaker, bool well) {
    if (!breaker.admits(now_ms)) return false;
    breaker.answered(well, false, now_ms);
    return true;
  }
  bool left_alone() {
    return metrics.render().find(
               "freshet_plugin_left_alone{plugin=\"auth-mine\","
               "function=\"identify\"} 1\n") != std::string::npos;
  }

  Metrics metrics;
  KeptLog log;
  uint64_t now_ms = 1'000;
};

constexpr PluginLimits kThreeFailures = {.failures = 3, .pause_ms = 10'000};

TEST_F(BreakerTest, WithoutLimitsWhatFailsIsCalledAllTheSame) {
  Breaker breaker({}, "auth-mine", "identify", metrics, log);
  for (int i = 0; i < 1'000; ++i) {
    EXPECT_TRUE(breaker.admits(now_ms));
    breaker.late(now_ms);
  }
  EXPECT_EQ(told(), "");
  EXPECT_EQ(metrics.render(), "");
}

TEST_F(BreakerTest, WhatFailsInARowIsLeftAloneThenTriedWithOneCallThenCalledAgain) {
  Breaker breaker(kThreeFailures, "auth-mine", "identify", metrics, log);
  EXPECT_TRUE(call(breaker, false));
  EXPECT_TRUE(call(breaker, false));
  EXPECT_TRUE(call(breaker, true)) << "and that ends the row";
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(call(breaker, false));
  EXPECT_THAT(told(), HasSubstr("auth-mine.identify has failed 3 times in a row: it is left alone "
                                "for 10000 ms"));
  EXPECT_TRUE(left_alone());
  now_ms += 9'999;
  EXPECT_FALSE(breaker.admits(now_ms));
  now_ms += 1;
  EXPECT_TRUE(breaker.admits(now_ms));
  EXPECT_THAT(told(), HasSubstr("auth-mine.identify is tried again"));
  EXPECT_FALSE(breaker.admits(now_ms)) << "one call tries it";
  breaker.answered(true, false, now_ms);
  EXPECT_THAT(told(), HasSubstr("auth-mine.identify answers again, and is called as before"));
  EXPECT_FALSE(left_alone());
  EXPECT_TRUE(call(breaker, true));
  EXPECT_THAT(metrics.render(), HasSubstr("freshet_plugin_refused_total{plugin=\"auth-mine\","
                                          "function=\"identify\"} 2\n"));
}

TEST_F(BreakerTest, WhatFailsWhenItIsTriedIsLeftAloneForAsLongAgain) {
  Breaker breaker(kThreeFailures, "auth-mine", "identify", metrics, log);
  for (int i = 0; i < 3; ++i) call(breaker, false);
  now_ms += 10'000;
  EXPECT_TRUE(breaker.admits(now_ms));
  breaker.late(now_ms);
  EXPECT_THAT(told(), HasSubstr("auth-mine.identify has failed again: it is left alone"));
  EXPECT_FALSE(breaker.admits(now_ms + 9'999));
  EXPECT_TRUE(breaker.admits(now_ms + 10'000));
  breaker.answered(true, true, now_ms);
  EXPECT_FALSE(breaker.admits(now_ms + 10'000)) << "what comes late answers for nothing";
}

TEST_F(BreakerTest, CallsThatAreNotAnsweredAreAsManyAsItMayHave) {
  Breaker breaker({.calls = 2}, "auth-mine", "identify", metrics, log);
  EXPECT_TRUE(breaker.admits(now_ms));
  EXPECT_TRUE(breaker.admits(now_ms));
  EXPECT_FALSE(breaker.admits(now_ms));
  EXPECT_THAT(told(), HasSubstr("auth-mine.identify has not answered 2 calls: no more are made"));
  EXPECT_FALSE(breaker.admits(now_ms));
  EXPECT_EQ(told(), "");
  breaker.late(now_ms);
  EXPECT_FALSE(breaker.admits(now_ms)) << "late is not answered";
  breaker.answered(true, true, now_ms);
  EXPECT_TRUE(breaker.admits(now_ms));
}

}  // namespace
}  // namespace freshet
