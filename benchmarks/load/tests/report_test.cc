#include "load/report.h"

#include <gtest/gtest.h>

namespace freshet::load {
namespace {

TEST(Report, IsVoidWhenTheGeneratorWasLateOrHadNoTimeLeft) {
  EXPECT_EQ(void_because(1.0, 0.9), "");
  EXPECT_EQ(void_because(1.01, 0.1), "the generator itself was late, p99 1.010 ms");
  EXPECT_EQ(void_because(0.1, 0.95), "the generator had no time left, 0.95 cores");
}

}  // namespace
}  // namespace freshet::load
