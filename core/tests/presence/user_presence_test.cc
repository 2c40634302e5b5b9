// What the room shows for users: shared by their sessions, kept for those who come back.
#include "core/presence/user_presence.h"

#include <gtest/gtest.h>

#include "core/presence/limits.h"

namespace freshet {
namespace {

constexpr uint32_t kWire = 1;
constexpr MemberId kTab = 1, kOtherTab = 2;

TEST(UserPresence, SessionsOfOneUserAreOnePerson) {
  UserPresence people;
  people.of(kWire, "ann", kTab).json = "{}";
  EXPECT_EQ(people.of(kWire, "ann", kOtherTab).sessions, (std::vector<MemberId>{kTab, kOtherTab}));
  EXPECT_TRUE(people.of(kWire, "bob", 3).json.empty());
  EXPECT_TRUE(people.of(kWire + 1, "ann", 4).json.empty()) << "another wire, another way to show";
}

TEST(UserPresence, AUserWhoComesBackFindsWhatItShowed) {
  UserPresence people;
  people.of(kWire, "ann", kTab).json = "{\"a\":1}";
  people.leave(kWire, "ann", kTab, 1'000);
  EXPECT_EQ(people.shown(kWire, "ann"), "{\"a\":1}");
  people.forget_long_gone(1'000 + kKeepUserMs);
  EXPECT_EQ(people.shown(kWire, "ann"), "{\"a\":1}");
  people.forget_long_gone(1'001 + kKeepUserMs);
  EXPECT_EQ(people.shown(kWire, "ann"), "");
  EXPECT_EQ(people.size(), 0u);
}

TEST(UserPresence, NobodyIsForgottenWhileASessionIsHere) {
  UserPresence people;
  people.of(kWire, "ann", kTab).json = "{}";
  people.of(kWire, "ann", kOtherTab);
  people.leave(kWire, "ann", kTab, 0);
  people.forget_long_gone(10 * kKeepUserMs);
  EXPECT_EQ(people.shown(kWire, "ann"), "{}");
}

TEST(UserPresence, TheLongestGoneAreForgottenFirstWhenThereAreMany) {
  UserPresence people;
  for (size_t i = 0; i <= kMaxKeptUsers; ++i) {
    const std::string id = std::to_string(i);
    people.of(kWire, id, i + 1).json = "{}";
    people.leave(kWire, id, i + 1, i);
  }
  EXPECT_EQ(people.size(), kMaxKeptUsers);
  EXPECT_EQ(people.shown(kWire, "0"), "");
  EXPECT_EQ(people.shown(kWire, "1"), "{}");
}

TEST(UserPresence, WhoComesAndGoesIsCountedOnce) {
  UserPresence people;
  for (uint64_t round = 0; round < 3 * kMaxKeptUsers; ++round) {
    people.of(kWire, "silent", kTab);  // it shows nothing, which is less than "{}"
    people.leave(kWire, "silent", kTab, round);
  }
  EXPECT_EQ(people.size(), 1u);
  people.of(kWire, "ann", kTab).json = "{}";
  people.leave(kWire, "ann", kTab, 1'000);
  EXPECT_EQ(people.shown(kWire, "ann"), "{}");
}

TEST(UserPresence, WhatIsKeptIsBoundedInBytesToo) {
  UserPresence people;
  for (size_t i = 0; i < 3; ++i) {
    const std::string id = std::to_string(i);
    people.of(kWire, id, i + 1).json = std::string(kMaxKeptUserBytes / 2, 'x');
    people.leave(kWire, id, i + 1, i);
  }
  EXPECT_EQ(people.size(), 2u);
  // One who is back is not kept any more, and so does not count.
  people.of(kWire, "1", 10);
  people.of(kWire, "3", 11).json = std::string(kMaxKeptUserBytes / 2, 'x');
  people.leave(kWire, "3", 11, 9);
  EXPECT_EQ(people.size(), 3u);
}

}  // namespace
}  // namespace freshet
