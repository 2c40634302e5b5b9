// What users may send over all their connections, and for how long it is remembered of them.
#include "core/rates/user_rates.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/rates/limits.h"
#include "core/tests/rates/start.h"

namespace freshet {
namespace {

Limits three_a_second() {
  Limits limits;
  limits.user_messages_per_second = limits.user_joins_per_second = 3;
  limits.user_bytes_per_second = 300;
  return limits;
}

size_t messages(const UserRates::Hold& user, uint64_t now_ms) {
  size_t n = 0;
  while (n < 1'000 && user.take_message(now_ms)) ++n;
  return n;
}

TEST(UserRates, AreSharedByAllConnectionsOfAUserAndByNobodyElse) {
  const Limits limits = three_a_second();
  UserRates rates(limits);
  const auto laptop = rates.hold("ann", kStartMs), phone = rates.hold("ann", kStartMs);
  const auto bob = rates.hold("bob", kStartMs);
  EXPECT_EQ(messages(laptop, kStartMs), 30u);
  EXPECT_EQ(messages(phone, kStartMs), 0u);
  EXPECT_EQ(messages(bob, kStartMs), 30u);
  EXPECT_TRUE(phone.take_join(kStartMs)) << "each of the three is by itself";
  EXPECT_TRUE(phone.take_bytes(3'000, kStartMs));
  EXPECT_FALSE(laptop.take_bytes(1, kStartMs));
}

TEST(UserRates, ThoseWithoutANameAreNotOneUser) {
  const Limits limits = three_a_second();
  UserRates rates(limits);
  const auto nobody = rates.hold("", kStartMs);
  EXPECT_EQ(messages(nobody, kStartMs), 1'000u);
  EXPECT_TRUE(nobody.take_join(kStartMs));
  EXPECT_EQ(rates.known(), 0u);
}

TEST(UserRates, ComingAgainGivesNothing) {
  const Limits limits = three_a_second();
  UserRates rates(limits);
  {
    const auto ann = rates.hold("ann", kStartMs);
    EXPECT_EQ(messages(ann, kStartMs), 30u);
  }
  EXPECT_EQ(messages(rates.hold("ann", kStartMs), kStartMs), 0u);
  EXPECT_EQ(messages(rates.hold("ann", kStartMs), kStartMs + 1'000), 3u);
}

TEST(UserRates, WhoHasGoneIsForgottenWhenThereIsNothingToRemember) {
  const Limits limits = three_a_second();
  UserRates rates(limits);
  {
    EXPECT_EQ(messages(rates.hold("ann", kStartMs), kStartMs), 30u);
  }
  {
    const auto idle = rates.hold("idle", kStartMs);
  }
  EXPECT_EQ(rates.known(), 2u);
  const auto stays = rates.hold("stays", kStartMs + 9'999);
  EXPECT_EQ(rates.known(), 3u) << "who went first is looked at first";
  const auto more = rates.hold("more", kStartMs + 10'001);
  EXPECT_EQ(rates.known(), 2u);
}

TEST(UserRates, RememberNoMoreThanTheirBound) {
  const Limits limits = three_a_second();
  UserRates rates(limits);
  const auto spent = [&](size_t n) {
    EXPECT_EQ(messages(rates.hold("user " + std::to_string(n), kStartMs), kStartMs), 30u);
  };
  for (size_t n = 0; n < kMaxGoneUsers + 10; ++n) spent(n);
  EXPECT_EQ(rates.known(), kMaxGoneUsers);
  spent(0);  // forgotten
  EXPECT_EQ(messages(rates.hold("user 20", kStartMs), kStartMs), 0u);
}

TEST(UserRates, RememberNoMoreOfAnIdThanItsBound) {
  const Limits limits = three_a_second();
  UserRates rates(limits);
  const auto one = rates.hold(std::string(100'000, 'x'), kStartMs);
  const auto other = rates.hold(std::string(kMaxUserIdBytes, 'x'), kStartMs);
  EXPECT_EQ(rates.known(), 1u);
}

// Connections come and go on all shards.
TEST(UserRates, AreForManyThreads) {
  const Limits limits = three_a_second();
  UserRates rates(limits);
  constexpr size_t kThreads = 4;
  std::vector<size_t> taken(kThreads, 0);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&rates, &mine = taken[i]] {
      for (int n = 0; n < 2'000; ++n) {
        mine += rates.hold("ann", kStartMs).take_message(kStartMs) ? 1 : 0;
        const auto other = rates.hold(std::to_string(n % 7), kStartMs);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  size_t all = 0;
  for (const size_t each : taken) all += each;
  EXPECT_EQ(all, 30u);
}

}  // namespace
}  // namespace freshet
