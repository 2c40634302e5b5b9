// What an operator sees of a plugin's calls: lines and metrics.
#include "core/loop/plugin_function.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "core/report/limits.h"
#include "core/tests/report/kept_log.h"

namespace freshet {
namespace {

using ::testing::HasSubstr;

struct PluginFunctionTest : ::testing::Test {
  std::string told() { return std::exchange(log.lines, ""); }

  Metrics metrics;
  KeptLog log;
  PluginFunction load{metrics, log, "store-mine", "load", {Status::ok, Status::not_found}};
};

TEST_F(PluginFunctionTest, WhatFailedIsOneLineWithWhoseItIsAndAboutWhat) {
  load.answered(Status::ok, 3, 1'000, "");
  load.answered(Status::not_found, 3, 1'000, "");
  EXPECT_EQ(told(), "");
  load.answered(Status::corrupt, 3, 1'000, "room \"notes\"");
  EXPECT_THAT(told(), HasSubstr("store-mine.load answered \"corrupt\", about room \"notes\""));
}

TEST_F(PluginFunctionTest, WhatGoesOnFailingIsSaidSeldomAndCounted) {
  for (uint64_t ms = 0; ms < 1000; ++ms) load.answered(Status::retry, 1, 1'000 + ms, "");
  const std::string first = told();
  EXPECT_EQ(std::ranges::count(first, '\n'), 1);
  load.answered(Status::retry, 1, 1'000 + kPluginLineAgainMs, "");
  EXPECT_THAT(told(), HasSubstr("answered \"retry\"; 999 more since the last such line"));
}

TEST_F(PluginFunctionTest, WhatGoesWrongInAnotherWayIsSaidAtOnce) {
  load.answered(Status::retry, 1, 1'000, "");
  EXPECT_THAT(told(), HasSubstr("answered \"retry\""));
  load.answered(Status::retry, 1, 1'001, "");
  EXPECT_EQ(told(), "");
  load.answered(Status::corrupt, 1, 1'002, "");
  EXPECT_THAT(told(), HasSubstr("answered \"corrupt\""));
  load.late(5'000, 1'003, "");
  EXPECT_THAT(told(), HasSubstr("has not answered for 5000 ms, and is waited for no longer"));
  load.answered_again(1'004);
  EXPECT_THAT(told(), HasSubstr("answered a call that it had answered before"));
  load.answered_nonsense("nothing", 1'005, "");
  EXPECT_THAT(told(), HasSubstr("answered nothing, which is taken for a failure"));
  load.threw("no luck", 1'006, "");
  EXPECT_THAT(told(), HasSubstr("store-mine.load threw no luck"));
}

TEST_F(PluginFunctionTest, MetricsAreByPluginAndFunction) {
  PluginFunction append(metrics, log, "store-\"mine", "append", {Status::ok});
  load.answered(Status::ok, 7, 1'000, "");
  load.answered(Status::internal, 40'000, 1'000, "");
  append.late(1, 1'000, "");
  const std::string text = metrics.render();
  EXPECT_THAT(
      text,
      HasSubstr("freshet_plugin_failures_total{plugin=\"store-mine\",function=\"load\"} 1\n"));
  EXPECT_THAT(
      text,
      HasSubstr("freshet_plugin_late_total{plugin=\"store-\\\"mine\",function=\"append\"} 1\n"));
  const std::string of_load =
      "freshet_plugin_call_seconds_bucket{plugin=\"store-mine\",function=\"load\",";
  EXPECT_THAT(text, HasSubstr(of_load + "le=\"0.005\"} 0\n"));
  EXPECT_THAT(text, HasSubstr(of_load + "le=\"0.010\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(of_load + "le=\"30.000\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(of_load + "le=\"+Inf\"} 2\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "freshet_plugin_call_seconds_sum{plugin=\"store-mine\",function=\"load\"} 40.007\n"));
  EXPECT_THAT(
      text,
      HasSubstr("freshet_plugin_call_seconds_count{plugin=\"store-mine\",function=\"load\"} 2\n"));
  const size_t head = text.find("# TYPE freshet_plugin_late_total counter\n");
  ASSERT_NE(head, std::string::npos);
  EXPECT_EQ(text.find("# TYPE freshet_plugin_late_total", head + 1), std::string::npos);
}

}  // namespace
}  // namespace freshet
