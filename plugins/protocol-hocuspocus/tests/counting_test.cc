#include "protocol-hocuspocus/counting.h"

#include <gtest/gtest.h>

#include "frames.h"
#include "protocol-hocuspocus/limits.h"

namespace freshet::hocuspocus {
namespace {

// One struct of client 5 at a clock, and one that only deletes.
std::vector<uint8_t> typed_at(uint8_t clock) { return {1, 1, 5, clock, 4, 1, 1, 't', 1, 'x', 0}; }
const std::vector<uint8_t> kDeletion = frame("00 01 05 01 00 01");

class CountingTest : public ::testing::Test {
 protected:
  // The client has 7 clocks of its own.
  void come() { EXPECT_TRUE(counting.begin(frame("02 09 03 05 07"))); }

  Line line;
  Counting counting{line};
};

TEST_F(CountingTest, WhatIsMadeAfterTheStep1Counts) {
  come();
  EXPECT_TRUE(counting.counts(typed_at(7), true));
  line.spoken = true;
  EXPECT_TRUE(counting.counts(typed_at(8), true));
}

TEST_F(CountingTest, WhatWasMadeBeforeItDoesNot) {
  come();
  line.spoken = true;
  EXPECT_FALSE(counting.counts(typed_at(6), true));
  EXPECT_FALSE(counting.counts(typed_at(0), true));
}

TEST_F(CountingTest, ADeletionCountsUnlessItMayHaveWaited) {
  come();
  EXPECT_TRUE(counting.counts(kDeletion, true)) << "nothing leaves the queue before we have spoken";
  line.spoken = true;
  EXPECT_FALSE(counting.counts(kDeletion, true));
  line.emptied = true;
  EXPECT_TRUE(counting.counts(kDeletion, true));
}

TEST_F(CountingTest, OnceItHasAnsweredAllCounts) {
  come();
  line.spoken = true;
  counting.end();
  EXPECT_TRUE(counting.counts(typed_at(6), true));
  EXPECT_TRUE(counting.counts(kDeletion, true));
}

TEST_F(CountingTest, AStep1ThatWaitedIsPassedOver) {
  come();
  EXPECT_FALSE(counting.begin(frame("02 09 03 05 07")));
  line.emptied = true;
  EXPECT_TRUE(counting.begin(frame("02 09 03 05 07"))) << "it asks anew";
}

TEST_F(CountingTest, BeforeAnyStep1OnlyAnOpenDocumentCounts) {
  EXPECT_FALSE(counting.counts(typed_at(0), false));
  EXPECT_TRUE(counting.counts(typed_at(0), true));
  come();
  counting.forget();
  EXPECT_TRUE(counting.counts(typed_at(0), true));
}

TEST_F(CountingTest, BehindAVectorThatIsTooLongNothingCountsUntilItIsAnswered) {
  EXPECT_TRUE(counting.begin(std::vector<uint8_t>(kMaxVectorBytes + 1, 1)));
  EXPECT_FALSE(counting.counts(typed_at(100), true));
  counting.end();
  EXPECT_TRUE(counting.counts(typed_at(100), true));
}

TEST_F(CountingTest, WhatDoesNotDecodeCountsForNothing) {
  come();
  EXPECT_FALSE(counting.counts(frame("01"), true));
  EXPECT_FALSE(counting.counts(frame("01 01 ff"), true));
  EXPECT_TRUE(counting.begin(frame("ff ff")));
  EXPECT_TRUE(counting.counts(typed_at(0), true));
}

}  // namespace
}  // namespace freshet::hocuspocus
