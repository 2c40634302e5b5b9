// So many in a second, of one thread and of many.
#include "core/rates/rate.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "core/rates/named_rates.h"
#include "core/rates/shared_rate.h"
#include "core/tests/rates/start.h"

namespace freshet {
namespace {

template <class Kind>
class Rates : public ::testing::Test {
 protected:
  static size_t taken(Kind& rate, uint64_t now_ms, size_t at_most = 1'000'000) {
    size_t n = 0;
    while (n < at_most && rate.take(1, now_ms)) ++n;
    return n;
  }
};

using Kinds = ::testing::Types<Rate, SharedRate>;
TYPED_TEST_SUITE(Rates, Kinds);

TYPED_TEST(Rates, AllowTenSecondsWorthAtOnceAndThenTheirShareOfTime) {
  for (const uint64_t per_second : {1u, 3u, 7u, 50u, 2'000u}) {
    TypeParam rate(per_second);
    EXPECT_EQ(this->taken(rate, kStartMs), 10 * per_second) << per_second;
    EXPECT_EQ(this->taken(rate, kStartMs), 0u) << per_second;
    EXPECT_EQ(this->taken(rate, kStartMs + 1'000), per_second) << per_second;
    EXPECT_EQ(this->taken(rate, kStartMs + 1'000'000), 10 * per_second)
        << "it fills up, and no more";
  }
}

TYPED_TEST(Rates, TakeOneAsSoonAsItIsThere) {
  TypeParam rate(4);
  EXPECT_EQ(this->taken(rate, kStartMs), 40u);
  EXPECT_FALSE(rate.take(1, kStartMs + 249));
  EXPECT_TRUE(rate.take(1, kStartMs + 250));
  EXPECT_FALSE(rate.take(1, kStartMs + 251));
}

// However low the rate is, no message is too large for it, and it is paid for.
TYPED_TEST(Rates, LetALargeOnePassAndAreOwedIt) {
  TypeParam rate(1'000);
  EXPECT_TRUE(rate.take(1, kStartMs)) << "something small before it changes nothing";
  EXPECT_TRUE(rate.take(60'000, kStartMs));
  EXPECT_FALSE(rate.take(1, kStartMs + 50'001));
  EXPECT_TRUE(rate.take(1, kStartMs + 50'002)) << "sixty seconds' worth, of which ten were there";
}

TYPED_TEST(Rates, OfZeroAreNone) {
  TypeParam rate(0);
  EXPECT_EQ(this->taken(rate, kStartMs, 1'000), 1'000u);
  EXPECT_TRUE(rate.take(UINT64_MAX, kStartMs));
  EXPECT_TRUE(rate.take(1, 0));
}

TYPED_TEST(Rates, TakeATimeThatHasPassedForNothingNew) {
  TypeParam rate(1);
  EXPECT_EQ(this->taken(rate, kStartMs), 10u);
  EXPECT_EQ(this->taken(rate, kStartMs - 1), 0u);
  EXPECT_EQ(this->taken(rate, 0), 0u);
  EXPECT_EQ(this->taken(rate, kStartMs + 1'000), 1u);
}

TYPED_TEST(Rates, BearWhatNobodyWouldSet) {
  TypeParam rate(uint64_t{64} << 30);
  EXPECT_TRUE(rate.take(uint64_t{64} << 30, UINT32_MAX * uint64_t{1'000}));
  EXPECT_TRUE(rate.take(UINT64_MAX, UINT32_MAX * uint64_t{1'000}));
}

TEST(Rates, ForgiveWhatIsOwedBeyondABound) {
  constexpr uint64_t kSecondNs = 1'000'000'000;
  Rate rate(10);
  EXPECT_EQ(rate.take_anyway(100, kStartMs, kSecondNs), 0u);
  EXPECT_EQ(rate.take_anyway(5, kStartMs, kSecondNs), kSecondNs / 2);
  EXPECT_EQ(rate.take_anyway(1'000, kStartMs, kSecondNs), kSecondNs);
  EXPECT_EQ(rate.take_anyway(0, kStartMs + 400, kSecondNs), kSecondNs * 6 / 10);
  EXPECT_EQ(rate.take_anyway(0, kStartMs + 1'000, kSecondNs), 0u);
}

TEST(SharedRates, GiveManyThreadsNoMoreThanOne) {
  constexpr size_t kThreads = 8, kTries = 20'000;
  SharedRate rate(1'000);
  std::vector<size_t> taken(kThreads, 0);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&rate, &mine = taken[i]] {
      for (size_t n = 0; n < kTries; ++n) mine += rate.take(1, kStartMs) ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  size_t all = 0;
  for (const size_t each : taken) all += each;
  EXPECT_EQ(all, 10'000u);
}

TEST(NamedRates, GiveEachNameItsOwn) {
  NamedRates rates(1, 2);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(rates.take("a", kStartMs));
  EXPECT_FALSE(rates.take("a", kStartMs));
  EXPECT_TRUE(rates.take("b", kStartMs));
  EXPECT_FALSE(rates.take("a", kStartMs)) << "it asked after b";
  EXPECT_TRUE(rates.take("c", kStartMs));
  EXPECT_EQ(rates.known(), 2u) << "b is forgotten";
  EXPECT_FALSE(rates.take("a", kStartMs));
}

TEST(NamedRates, OfZeroRememberNobody) {
  NamedRates rates(0, 2);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(rates.take(std::to_string(i), kStartMs));
  EXPECT_EQ(rates.known(), 0u);
}

}  // namespace
}  // namespace freshet
