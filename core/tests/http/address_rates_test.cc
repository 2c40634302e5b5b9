// How often each address may ask, and how many addresses are remembered.
#include "core/http/address_rates.h"

#include <gtest/gtest.h>

#include <string>

#include "core/http/limits.h"

namespace freshet {
namespace {

size_t taken(AddressRates& rates, const std::string& peer, uint64_t now_ms) {
  size_t n = 0;
  while (n < 1'000 && rates.take(peer, now_ms)) ++n;
  return n;
}

std::string peer(size_t n) {
  return "10." + std::to_string(n >> 16) + "." + std::to_string(n >> 8 & 255) + "." +
         std::to_string(n & 255);
}

TEST(AddressRates, GiveEachAddressTenSecondsWorth) {
  AddressRates rates(3);
  EXPECT_EQ(taken(rates, "a", 5'000), 30u);
  EXPECT_EQ(taken(rates, "b", 5'000), 30u);
  EXPECT_EQ(taken(rates, "a", 6'000), 3u);
  EXPECT_EQ(taken(rates, "a", 1'000'000), 30u);
}

// Shards read the clock before they get here, and overtake each other.
TEST(AddressRates, TakeATimeThatHasPassedForNow) {
  AddressRates rates(1);
  EXPECT_EQ(taken(rates, "a", 5'000), 10u);
  EXPECT_EQ(taken(rates, "a", 4'999), 0u);
  EXPECT_EQ(taken(rates, "a", 0), 0u);
}

TEST(AddressRates, ForgetWhoAskedLongestAgo) {
  AddressRates rates(1);
  EXPECT_EQ(taken(rates, "first", 0), 10u);
  EXPECT_EQ(taken(rates, "second", 0), 10u);
  EXPECT_EQ(taken(rates, "first", 0), 0u);
  for (size_t n = 0; n + 1 < kMaxRatedAddresses; ++n) rates.take(peer(n), 0);
  EXPECT_EQ(rates.known(), kMaxRatedAddresses);
  EXPECT_EQ(taken(rates, "first", 0), 0u) << "it asked after the second";
  EXPECT_EQ(taken(rates, "second", 0), 10u) << "forgotten, and so a new one";
  EXPECT_EQ(rates.known(), kMaxRatedAddresses);
}

TEST(AddressRates, RememberNoMoreOfANameThanAnAddressHas) {
  AddressRates rates(1);
  EXPECT_EQ(taken(rates, std::string(100'000, 'x'), 0), 10u);
  EXPECT_EQ(taken(rates, std::string(100'001, 'x'), 0), 0u);
}

}  // namespace
}  // namespace freshet
