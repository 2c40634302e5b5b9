// For how long who sends too much into a room is not read.
#include "core/rates/inflow.h"

#include <gtest/gtest.h>

#include "core/tests/rates/start.h"

namespace freshet {
namespace {

Limits limits(size_t messages, size_t bytes) {
  Limits limits;
  limits.room_messages_per_second = messages;
  limits.room_bytes_per_second = bytes;
  return limits;
}

TEST(Inflow, PausesNobodyWithinItsRates) {
  Inflow inflow(limits(10, 1'000));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(inflow.take(i < 10 ? 100 : 99, kStartMs).ms, 0u) << i;
}

TEST(Inflow, PausesUntilTheRateHasCaughtUpInSteps) {
  Inflow inflow(limits(10, 0));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(inflow.take(1, kStartMs).ms, 0u);
  const Inflow::Pause first = inflow.take(1, kStartMs);
  EXPECT_EQ(first.ms, 100u);
  EXPECT_FALSE(first.for_bytes);
  EXPECT_EQ(inflow.take(1, kStartMs).ms, 200u);
  EXPECT_EQ(inflow.take(1, kStartMs + 60).ms, 250u) << "240";
}

TEST(Inflow, PausesNobodyForLongerThanASecondHoweverMuchCame) {
  Inflow inflow(limits(0, 1'000));
  const Inflow::Pause pause = inflow.take(size_t{1} << 40, kStartMs);
  EXPECT_EQ(pause.ms, kLongestPauseMs);
  EXPECT_TRUE(pause.for_bytes);
  EXPECT_EQ(inflow.take(0, kStartMs + kLongestDebtMs - 1).ms, kPauseStepMs);
  EXPECT_EQ(inflow.take(0, kStartMs + kLongestDebtMs).ms, 0u) << "and it is forgotten";
}

TEST(Inflow, WithoutBoundsPausesNobody) {
  Inflow inflow(limits(0, 0));
  EXPECT_FALSE(inflow.bounded());
  EXPECT_EQ(inflow.take(SIZE_MAX, kStartMs).ms, 0u);
}

}  // namespace
}  // namespace freshet
