// What the whole server does, in numbers: rates between two moments, an hour of them, times of
// commits; and how busy a loop was.
#include "core/live/server/figures.h"

#include <gtest/gtest.h>

#include "core/live/server/busy_meter.h"

namespace freshet {
namespace {

TEST(FigureRow, TellsWhatIsCountedForEachSecond) {
  Figures before, after;
  before.at_ns = 1'000'000'000;
  after.at_ns = 11'000'000'000;
  before.edits = 500;
  after.edits = 20'500;
  after.unix_ms = 77;
  after.rooms = 3;
  const FigureRow row(before, after);
  EXPECT_EQ(row.values[0], 77);
  EXPECT_EQ(row.values[1], 2'000) << "edits a second";
  EXPECT_EQ(row.values[10], 3) << "rooms: as they are";
}

TEST(FigureHistory, IsTheLastHour) {
  FigureHistory history;
  Figures before;
  for (size_t i = 0; i < kHistoryRows + 5; ++i) {
    Figures after = before;
    after.at_ns += 10'000'000'000;
    after.unix_ms = i;
    history.add(FigureRow(before, after));
    before = after;
  }
  const auto rows = history.rows();
  ASSERT_EQ(rows.size(), kHistoryRows);
  EXPECT_EQ(rows.front().values[0], 5);
  EXPECT_EQ(rows.back().values[0], static_cast<int64_t>(kHistoryRows + 4));
}

TEST(BusyMeter, SaysOnceASecondHowMuchOfItWasUsed) {
  BusyMeter meter;
  EXPECT_FALSE(meter.permille(5'000, 7'000'000).has_value()) << "there is no second yet";
  EXPECT_FALSE(meter.permille(5'900, 7'100'000).has_value());
  EXPECT_EQ(meter.permille(6'000, 7'250'000), 250u);
  EXPECT_FALSE(meter.permille(6'100, 7'350'000).has_value());
  EXPECT_EQ(meter.permille(8'000, 9'250'000), 1'000u);
  meter.forget();
  EXPECT_FALSE(meter.permille(60'000, 9'300'000).has_value()) << "of when nobody looked";
}

TEST(Spread, TellsTheHalfAndAllButAHundredthWithinAFifth) {
  Spread spread;
  Spread::Counts before{}, after{};
  spread.note(1);
  spread.add_to(before);
  for (uint64_t us = 1; us <= 1'000; ++us) spread.note(us * 10);
  spread.add_to(after);
  const auto half = static_cast<double>(Spread::us_of(before, after, 0.5));
  const auto most = static_cast<double>(Spread::us_of(before, after, 0.99));
  EXPECT_NEAR(half, 5'000, 1'000);
  EXPECT_NEAR(most, 9'900, 2'000);
  EXPECT_EQ(Spread::us_of(after, after, 0.5), 0u) << "nothing was done in between";
}

TEST(Spread, CountsWhatTakesForEverInItsLastPlace) {
  Spread spread;
  spread.note(UINT64_MAX);
  spread.note(0);
  Spread::Counts after{};
  spread.add_to(after);
  EXPECT_EQ(after[0], 1u);
  EXPECT_EQ(after[Spread::kPlaces - 1], 1u);
}

}  // namespace
}  // namespace freshet
