#include "core/residence/log_spans.h"

#include <gtest/gtest.h>

namespace freshet {
namespace {

TEST(LogSpans, WhatGoesOnWithWhatIsHadIsHad) {
  LogSpans log;
  log.begin(4);
  log.add(5, 7);
  EXPECT_EQ(log.through(), 7u);
  log.add(2, 6);
  EXPECT_EQ(log.through(), 7u);
}

TEST(LogSpans, WhatIsBehindAGapCountsOnceTheGapIsFilled) {
  LogSpans log;
  log.begin(0);
  log.add(5, 6);
  log.add(3, 3);
  EXPECT_EQ(log.through(), 0u);
  log.add(1, 2);
  EXPECT_EQ(log.through(), 3u);
  log.add(4, 4);
  EXPECT_EQ(log.through(), 6u);
}

TEST(LogSpans, ASnapshotStandsForAllBeforeIt) {
  LogSpans log;
  log.begin(1);
  log.add(9, 9);
  log.skip_to(8);
  EXPECT_EQ(log.through(), 9u);
  log.skip_to(3);
  EXPECT_EQ(log.through(), 9u);
}

TEST(LogSpans, OfTooManyTheLastAreReadOnceMore) {
  LogSpans log;
  log.begin(0);
  for (uint64_t i = 0; i <= kMostNotes; ++i) log.add(3 + 2 * i, 3 + 2 * i);
  for (uint64_t i = 0; i <= kMostNotes; ++i) log.add(2 + 2 * i, 2 + 2 * i);
  log.add(1, 1);
  EXPECT_GE(log.through(), kMostNotes);
  EXPECT_LT(log.through(), 4 + 2 * kMostNotes) << "the last was forgotten";
}

}  // namespace
}  // namespace freshet
