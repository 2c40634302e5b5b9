#include "load/measure/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

namespace freshet::load {
namespace {

TEST(Histogram, IsExactBelow128AndKnowsTheRestToAHundredth) {
  for (uint64_t value = 1; value < Histogram::kLargest; value = value * 3 / 2 + 1) {
    Histogram one;
    one.record(static_cast<int64_t>(value));
    one.record(static_cast<int64_t>(Histogram::kLargest));  // so that the largest does not bound it
    const uint64_t told = one.quantile(0.5);
    EXPECT_GE(told, value);
    EXPECT_LE(static_cast<double>(told - value), 0.008 * static_cast<double>(value)) << value;
    if (value < 128) {
      EXPECT_EQ(told, value);
    }
  }
}

TEST(Histogram, QuantilesAreThoseOfTheSortedValues) {
  std::mt19937_64 chance(7);
  std::lognormal_distribution<double> times(14, 2);
  Histogram histogram;
  std::vector<int64_t> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(static_cast<int64_t>(times(chance)));
    histogram.record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (const double share : {0.001, 0.5, 0.9, 0.99, 0.999}) {
    const auto rank = static_cast<size_t>(std::ceil(share * 20'000)) - 1;
    const auto told = static_cast<double>(histogram.quantile(share));
    EXPECT_GE(told, static_cast<double>(values[rank])) << share;
    EXPECT_LE(told, 1.008 * static_cast<double>(values[rank])) << share;
  }
  EXPECT_EQ(histogram.quantile(1), static_cast<uint64_t>(values.back()));
  EXPECT_EQ(histogram.count(), 20'000u);
}

TEST(Histogram, TakesWhatIsNegativeAsNoneAndWhatIsTooLongAsItsLongest) {
  Histogram histogram;
  histogram.record(-5);
  EXPECT_EQ(histogram.max(), 0u);
  histogram.record(std::numeric_limits<int64_t>::max());
  EXPECT_EQ(histogram.max(), Histogram::kLargest);
  EXPECT_EQ(histogram.quantile(0.5), 0u);
}

TEST(Histogram, OfNothingTellsZero) { EXPECT_EQ(Histogram{}.quantile(0.99), 0u); }

}  // namespace
}  // namespace freshet::load
