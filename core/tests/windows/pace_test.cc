// How long a room waits before it sends again.
#include "core/windows/pace.h"

#include <gtest/gtest.h>

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
  EXPECT_EQ(window_ns(300 * kUs, 10), 6 * kMs) << "ten rooms at 5 % are half of the shard";
  EXPECT_EQ(window_ns(300 * kUs, 20), 12 * kMs) << "twenty have half of that each";
}

TEST(Windows, HaveABound) { EXPECT_EQ(window_ns(5 * kMs, 1), kLongestWindowNs); }

TEST(Windows, PassTheBoundRatherThanTakeTheShard) {
  EXPECT_EQ(window_ns(10 * kMs, 1), 40 * kMs) << "a quarter of the shard";
  EXPECT_EQ(window_ns(5 * kMs, 14), 100 * kMs) << "seven tenths, with thirteen others";
}

TEST(PaceOfARoom, WhatComesAfterAPauseLeavesAtOnce) {
  ShardPace shard;
  Pace pace(shard);
  EXPECT_EQ(pace.wait_ns(1'000 * kMs, 100), 0u);
  pace.note_sent(1'000 * kMs, 0);
  EXPECT_GT(pace.wait_ns(1'001 * kMs, 100), 0u);
  EXPECT_GT(pace.last_window_ns(), 0u);
  EXPECT_EQ(pace.wait_ns(1'100 * kMs, 100), 0u);
  EXPECT_EQ(pace.last_window_ns(), 0u) << "it waited for none";
}

TEST(PaceOfARoom, WaitsForTheRestOfItsWindow) {
  ShardPace shard;
  shard.note_writing(100 * 4 * kUs, 100);  // as is thought before it is known
  Pace pace(shard);
  pace.note_sent(1'000 * kMs, 0);
  EXPECT_EQ(pace.wait_ns(1'001 * kMs, 100), 7 * kMs);
  EXPECT_EQ(pace.wait_ns(1'006 * kMs, 100), 2 * kMs);
  EXPECT_EQ(pace.wait_ns(1'006 * kMs, 10), 0u) << "of few readers there is no window";
}

TEST(PaceOfARoom, CountsWhatItTakesToPutTogether) {
  ShardPace shard;
  Pace pace(shard);
  for (uint64_t i = 0; i < 50; ++i) pace.note_sent((1'000 + i) * kMs, kMs);
  EXPECT_NEAR(static_cast<double>(pace.wait_ns(1'049 * kMs, 1)), 20e6, 1e6);
}

TEST(PaceOfAShard, FollowsWhatWritingCostsSlowly) {
  ShardPace shard;
  const uint64_t before = shard.ns_per_write();
  shard.note_writing(1'000 * kMs, 100);  // 10 ms a write: one hiccup
  EXPECT_LT(shard.ns_per_write(), 2 * before);
  uint64_t ns = 1'000 * kMs, writes = 100;
  for (int i = 0; i < 200; ++i) shard.note_writing(ns += 100 * 6 * kUs, writes += 100);
  EXPECT_NEAR(static_cast<double>(shard.ns_per_write()), 6e3, 100);
}

TEST(PaceOfAShard, CountsWhoSentOfLate) {
  ShardPace shard;
  std::vector<uint64_t> sent(7, 0);
  for (uint64_t& room : sent) shard.note_sent(1'000 * kMs, std::exchange(room, 1'000 * kMs));
  for (uint64_t& room : sent) shard.note_sent(1'010 * kMs, std::exchange(room, 1'010 * kMs));
  EXPECT_EQ(shard.rooms(1'010 * kMs), 7u) << "each of them once";
  EXPECT_EQ(shard.rooms(1'150 * kMs), 7u);
  EXPECT_EQ(shard.rooms(1'250 * kMs), 1u);
}

}  // namespace
}  // namespace freshet
