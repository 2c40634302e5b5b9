// Who suffers when a loop is behind, and for how long.
#include "core/loop/strain.h"

#include <gtest/gtest.h>

#include <initializer_list>

namespace freshet {
namespace {

constexpr uint64_t kMs = 1'000'000;

Strain beat(StrainMeter& meter, uint64_t late_ms, size_t times) {
  for (size_t i = 0; i < times; ++i) meter.note(late_ms * kMs);
  return meter.strain();
}

TEST(Strain, ALoopThatIsAtWorkAndKeepsUpHasNone) {
  StrainMeter meter;
  for (size_t i = 0; i < 100; ++i) EXPECT_EQ(meter.note((i % 24) * kMs), Strain::none);
}

TEST(Strain, OneThatStoodStillHasNone) {
  StrainMeter meter;
  EXPECT_EQ(beat(meter, 0, 20), Strain::none);
  EXPECT_EQ(beat(meter, 1'500, 1), Strain::none) << "as after SIGSTOP";
  EXPECT_EQ(beat(meter, 300, 3), Strain::none) << "and what came meanwhile";
  EXPECT_EQ(beat(meter, 1, 100), Strain::none);
}

TEST(Strain, ItsLevelIsTheMedianOfHalfASecond) {
  const auto after = [](uint64_t late_ms) {
    StrainMeter meter;
    beat(meter, 2, 20);
    EXPECT_EQ(beat(meter, late_ms, 4), Strain::none) << "too few";
    return beat(meter, late_ms, 1);
  };
  EXPECT_EQ(after(24), Strain::none);
  EXPECT_EQ(after(25), Strain::presence);
  EXPECT_EQ(after(50), Strain::updates);
  EXPECT_EQ(after(199), Strain::updates);
  EXPECT_EQ(after(200), Strain::joins);
}

TEST(Strain, EasesOneStepAtATimeAndNotAtTheBrink) {
  StrainMeter meter;
  ASSERT_EQ(beat(meter, 210, 9), Strain::joins);
  EXPECT_EQ(beat(meter, 190, 50), Strain::joins) << "a little better is not well";
  EXPECT_EQ(beat(meter, 20, 5), Strain::updates);
  EXPECT_EQ(beat(meter, 20, 8), Strain::updates) << "it is to be seen what that brings";
  EXPECT_EQ(beat(meter, 20, 1), Strain::presence);
  EXPECT_EQ(beat(meter, 20, 50), Strain::presence) << "20 ms is not half of 25";
  EXPECT_EQ(beat(meter, 5, 9), Strain::none);
}

}  // namespace
}  // namespace freshet
