#include "core/store/commit_pace.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

constexpr uint64_t kMs = 1'000'000;

// So many commits that take so long, one after the other. When the last of them began.
uint64_t commit(CommitPace& pace, uint64_t took_ns, int times = 100) {
  uint64_t now_ns = 1'000 * kMs;
  for (int i = 0; i < times; ++i) {
    now_ns += 10 * kMs;
    pace.begin(now_ns);
    pace.end(now_ns + took_ns);
  }
  return now_ns;
}

TEST(CommitPace, CommitsThatCostLittleWaitForNobody) {
  CommitPace pace;
  const uint64_t now_ns = commit(pace, kMs / kCommitsShare / 2);
  EXPECT_EQ(pace.window_ns(), 0u);
  EXPECT_EQ(pace.wait_ms(now_ns, 0), 0u);
}

TEST(CommitPace, AWindowIsWhatACommitCostsOverItsShare) {
  CommitPace pace;
  const uint64_t now_ns = commit(pace, 2 * kMs / kCommitsShare);
  EXPECT_NEAR(static_cast<double>(pace.window_ns()), 2.0 * kMs, 0.01 * kMs);
  EXPECT_EQ(pace.wait_ms(now_ns + kMs / 2, 0), 1u);
  EXPECT_EQ(pace.wait_ms(now_ns + kMs, 0), 0u) << "in whole milliseconds, rather too few";
}

TEST(CommitPace, NothingWaitsLongerThanTheBound) {
  CommitPace pace;
  const uint64_t now_ns = commit(pace, 500 * kMs);
  EXPECT_LE(pace.window_ns(), kMaxCommitWindowNs);
  EXPECT_GT(pace.window_ns(), kMaxCommitWindowNs * 9 / 10);
  EXPECT_LE(pace.wait_ms(now_ns, 0), kMaxCommitWindowNs / kMs);
}

TEST(CommitPace, OneThatStoodStillSaysNothingOfTheNext) {
  CommitPace pace;
  commit(pace, kMs / kCommitsShare / 10);
  commit(pace, 40'000 * kMs, 1);
  EXPECT_EQ(pace.window_ns(), 0u);
}

TEST(CommitPace, WhatHasPatienceWaitsAsLongAsItHas) {
  CommitPace pace;
  const uint64_t now_ns = commit(pace, 2 * kMs / kCommitsShare);
  EXPECT_EQ(pace.wait_ms(now_ns, 9 * kMs), 9u);
  EXPECT_EQ(pace.wait_ms(now_ns + 4 * kMs, 9 * kMs), 5u);
  EXPECT_EQ(pace.wait_ms(now_ns + 9 * kMs, 9 * kMs), 0u);
  EXPECT_EQ(pace.wait_ms(now_ns + kMs / 2, kMs), 1u) << "no less than what has none";
  EXPECT_EQ(pace.wait_ms(now_ns, UINT64_MAX), kMaxPatienceNs / kMs);
}

TEST(CommitPace, WhereCommitsCostLittlePatienceIsNotUsed) {
  CommitPace pace;
  const uint64_t now_ns = commit(pace, kMs / kCommitsShare / 2);
  EXPECT_EQ(pace.wait_ms(now_ns, kMaxPatienceNs), 0u);
}

TEST(CommitPace, AfterAPauseTheWindowIsOver) {
  CommitPace pace;
  const uint64_t now_ns = commit(pace, 2 * kMs);
  EXPECT_GT(pace.wait_ms(now_ns, 0), 0u);
  EXPECT_EQ(pace.wait_ms(now_ns + kMaxCommitWindowNs, 0), 0u);
}

}  // namespace
}  // namespace freshet
