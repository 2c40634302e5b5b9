// When a backend counts as gone, and how often it is asked then.
#include "app-webhook/sending/circuit_breaker.h"

#include <gtest/gtest.h>

namespace freshet::webhook {
namespace {

class ABackend : public ::testing::Test {
 protected:
  ABackend() {
    options.retry_ms = 1000;
    options.retry_max_ms = 4000;
  }
  void fail(uint32_t times) {
    for (uint32_t n = 0; n < times; ++n) breaker.failed(now);
  }

  Options options;
  std::mt19937_64 random{1};
  CircuitBreaker breaker{options, random};
  const uint64_t now = 5000;
};

TEST_F(ABackend, IsGoneAfterSoManyFailuresInARowAndNotBefore) {
  EXPECT_TRUE(breaker.failed(now)) << "the first is told";
  EXPECT_FALSE(breaker.failed(now));
  fail(kFailuresUntilProbing - 3);
  EXPECT_FALSE(breaker.is_open());
  EXPECT_TRUE(breaker.lets_through(100, now));
  EXPECT_EQ(breaker.due_ms(7), 7u);
  EXPECT_FALSE(breaker.answered()) << "it was not gone";
  fail(kFailuresUntilProbing - 1);
  EXPECT_FALSE(breaker.is_open()) << "they were not in a row";
  fail(1);
  EXPECT_TRUE(breaker.is_open());
  EXPECT_FALSE(breaker.lets_through(0, now));
}

TEST_F(ABackend, ThatIsGoneIsAskedByOneAtATimeAfterPausesThatGetTwiceAsLongUpToABound) {
  fail(kFailuresUntilProbing);
  for (const uint64_t most : {1000u, 2000u, 4000u, 4000u}) {
    EXPECT_FALSE(breaker.lets_through(0, now + most / 2 - 1));
    EXPECT_TRUE(breaker.lets_through(0, now + most));
    EXPECT_FALSE(breaker.lets_through(1, now + most));
    EXPECT_GE(breaker.due_ms(0), now + most / 2);
    EXPECT_LE(breaker.due_ms(0), now + most);
    EXPECT_EQ(breaker.due_ms(now + 5000), now + 5000);
    fail(1);
  }
}

TEST_F(ABackend, IsThereAgainWithItsFirstAnswer) {
  fail(kFailuresUntilProbing);
  EXPECT_TRUE(breaker.answered());
  EXPECT_FALSE(breaker.answered());
  EXPECT_TRUE(breaker.lets_through(100, now));
  EXPECT_TRUE(breaker.failed(now)) << "it begins anew";
}

TEST_F(ABackend, IsAskedAtOnceWhenPausesEnd) {
  fail(kFailuresUntilProbing);
  breaker.end_pause(now);
  EXPECT_TRUE(breaker.lets_through(0, now));
  EXPECT_FALSE(breaker.lets_through(1, now));
}

}  // namespace
}  // namespace freshet::webhook
