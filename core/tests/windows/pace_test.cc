// How long a room waits before it sends again.
#include "core/windows/pace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "core/windows/limits.h"

namespace freshet {
namespace {

constexpr uint64_t kUs = 1'000, kMs = 1'000'000;

TEST(Windows, AreNoneForAFewReaders) {
  EXPECT_EQ(window_ns(3 * 5 * kUs, 1), 0u);
  EXPECT_EQ(window_ns(4 * 5 * kUs, 1), 0u);
}

TEST(Windows, AreTheCostOverTheShareOfARoom) {
  EXPECT_EQ(window_ns(300 * kUs, 1), 6 * kMs);
  EXPECT_EQ(window_ns(300 * kUs, 2), 12 * kMs) << "all rooms send half as often";
}

TEST(Windows, HaveABound) { EXPECT_EQ(window_ns(3 * kMs, 1), kLongestWindowNs); }

TEST(Windows, PassTheBoundRatherThanTakeTheShard) {
  EXPECT_EQ(window_ns(10 * kMs, 1), 40 * kMs) << "a quarter of the shard";
  EXPECT_EQ(window_ns(7 * kMs, 1.0), 28 * kMs);
  EXPECT_EQ(window_ns(350 * kUs, 10), 50 * kMs) << "70 ms would be half of the shard for all";
}

TEST(PaceOfARoom, WhatComesAfterAPauseLeavesAtOnce) {
  ShardPace shard;
  Pace pace(shard);
  EXPECT_EQ(pace.wait(1'000 * kMs, 100).ns, 0u);
  pace.note_sent(1'000 * kMs, 100, 0);
  EXPECT_GT(pace.wait(1'001 * kMs, 100).ns, 0u);
  EXPECT_GT(pace.wait(1'001 * kMs, 100).window_ns, 0u);
  EXPECT_EQ(pace.wait(1'100 * kMs, 100).ns, 0u);
  EXPECT_EQ(pace.wait(1'100 * kMs, 100).window_ns, 0u) << "it waits for none";
}

TEST(PaceOfARoom, WaitsForTheRestOfItsWindow) {
  ShardPace shard;
  Pace pace(shard);
  pace.note_sent(1'000 * kMs, 100, 0);
  EXPECT_EQ(pace.wait(1'001 * kMs, 100).ns, 7 * kMs);
  EXPECT_EQ(pace.wait(1'006 * kMs, 100).ns, 2 * kMs);
  EXPECT_EQ(pace.wait(1'006 * kMs, 10).ns, 0u) << "of few readers there is no window";
}

// How many of what comes so often wait, of a hundred.
int waiting(Pace& pace, uint64_t gap_ns) {
  int waited = 0;
  uint64_t now_ns = 1'000 * kMs;
  for (int i = 0; i < 100; ++i) {
    const uint64_t wait_ns = pace.wait(now_ns, 100).ns;
    if (wait_ns > 0) ++waited;
    pace.note_sent(now_ns + wait_ns, 100, 0);
    now_ns += std::max(gap_ns, wait_ns);
  }
  return waited;
}

// The window of 100 readers is 8 ms here.
TEST(PaceOfARoom, SavesWindowsInWhichNothingCame) {
  ShardPace shard;
  Pace seldom(shard), often(shard);
  EXPECT_EQ(waiting(seldom, 9 * kMs), 0);
  EXPECT_GT(waiting(often, 2 * kMs), 90) << "it spends no more than its share";

  seldom.note_sent(5'000 * kMs, 100, 0);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(seldom.wait(5'000 * kMs, 100).ns, 0u) << "in a burst, after a pause: " << i;
    seldom.note_sent(5'000 * kMs, 100, 0);
  }
  EXPECT_EQ(seldom.wait(5'000 * kMs, 100).ns, 8 * kMs);
}

TEST(PaceOfARoom, SpendsNothingSavedInAShardThatHasLittleTime) {
  ShardPace shard;
  Pace pace(shard);
  pace.note_sent(1'000 * kMs, 100, 0);
  pace.note_sent(2'000 * kMs, 100, 0);
  EXPECT_EQ(pace.wait(2'001 * kMs, 100).ns, 0u);
  shard.note_strain(Strain::presence);
  EXPECT_EQ(pace.wait(2'001 * kMs, 100).ns, 7 * kMs);
}

TEST(PaceOfARoom, IsSlowInAShardThatIsBehindAndNotForWhatComesSeldom) {
  ShardPace shard;
  Pace pace(shard);
  pace.note_sent(1'000 * kMs, 100, 0);
  shard.note_strain(Strain::presence);
  EXPECT_EQ(pace.wait(1'001 * kMs, 3).ns, 0u);
  shard.note_strain(Strain::updates);
  EXPECT_EQ(pace.wait(1'001 * kMs, 3).ns, 99 * kMs) << "few readers wait as well";
  EXPECT_EQ(pace.wait(1'100 * kMs, 3).ns, 0u);
  shard.note_strain(Strain::none);
  EXPECT_EQ(pace.wait(1'001 * kMs, 3).ns, 0u);
}

TEST(PaceOfARoom, CountsWhatItTakesToPutTogether) {
  ShardPace shard;
  Pace pace(shard);
  for (uint64_t i = 0; i < 50; ++i) pace.note_sent((1'000 + i) * kMs, 1, kMs / 2);
  EXPECT_NEAR(static_cast<double>(pace.wait(1'049 * kMs, 1).ns), 10e6, 5e5);
}

TEST(PaceOfAShard, FollowsWhatWritingCostsSlowly) {
  ShardPace shard;
  const uint64_t before = shard.ns_per_write();
  shard.note(0, {1'000 * kMs, 100});  // 10 ms a write: one hiccup
  EXPECT_LT(shard.ns_per_write(), 2 * before);
  WritingCost spent{1'000 * kMs, 100};
  for (int i = 0; i < 200; ++i) {
    spent.processor_ns += 100 * 6 * kUs;
    spent.writes += 100;
    shard.note(0, spent);
  }
  EXPECT_NEAR(static_cast<double>(shard.ns_per_write()), 6e3, 100);
}

// Writing takes `share` of each tenth of a second.
void write_for(ShardPace& shard, WritingCost& spent, uint64_t& now_ns, double share, int spans) {
  for (int i = 0; i < spans; ++i) {
    now_ns += 100 * kMs;
    spent.processor_ns += static_cast<uint64_t>(share * 100e6);
    spent.writes += 1;
    shard.note(now_ns, spent);
  }
}

TEST(PaceOfAShard, HoldsAllBackWhenTheyTakeMoreThanHalfOfIt) {
  ShardPace shard;
  WritingCost spent;
  uint64_t now_ns = 1'000 * kMs;
  write_for(shard, spent, now_ns, 0.3, 10);
  EXPECT_EQ(shard.stretch(), 1) << "many small rooms, and time for all";
  write_for(shard, spent, now_ns, 0.9, 3);
  EXPECT_GT(shard.stretch(), 4);
  EXPECT_LT(shard.stretch(), 7);
  write_for(shard, spent, now_ns, 0.5, 20);
  EXPECT_GT(shard.stretch(), 4) << "that is what it is for";
  write_for(shard, spent, now_ns, 0.1, 3);
  EXPECT_EQ(shard.stretch(), 1);
}

}  // namespace
}  // namespace freshet
