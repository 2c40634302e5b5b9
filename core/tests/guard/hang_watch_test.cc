// What stands still is told of: seldom, with its name, and when it goes on.
#include "core/guard/hang_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "core/tests/report/kept_log.h"

namespace freshet {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct HangWatchTest : ::testing::Test {
  std::string told() { return std::exchange(log.lines, ""); }
  void look_for(uint64_t ms) {
    for (uint64_t at = 0; at < ms; at += 250) watch.look(250);
  }
  int64_t metric(const char* name) { return metrics.get(FRESHET_GAUGE, name, "")->get(); }

  Metrics metrics;
  KeptLog log;
  Steps steps;
  Health health;
  HangWatch watch{steps, log, metrics};
};

struct AShard : HangWatchTest {
  AShard() {
    pulse.watch();
    watch.watch({&pulse}, health);
    pulse.beat();
    watch.look(250);
  }
  ~AShard() override { InPlugin::show_in(nobodys()); }
  // This thread is the shard's for as long as the test.
  static std::atomic<const char*>& nobodys() {
    static std::atomic<const char*> place{nullptr};
    return place;
  }

  Pulse pulse;
};

TEST_F(HangWatchTest, AStepThatReturnsSoonIsNotToldOf) {
  const Steps::Step step(steps, "store-mine.create");
  look_for(750);
  EXPECT_EQ(told(), "");
}

TEST_F(HangWatchTest, NothingIsWaitedForBetweenTwoSteps) {
  {
    const Steps::Step step(steps, "store-mine.create");
  }
  look_for(60'000);
  EXPECT_EQ(told(), "");
}

TEST_F(HangWatchTest, WhatTheStartWaitsForIsSaidAfterASecondThenTenThenEachMinute) {
  {
    const Steps::Step step(steps, "store-mine.create");
    look_for(1250);
    EXPECT_THAT(told(), HasSubstr("waiting for store-mine.create, which has not returned for 1"));
    look_for(8500);
    EXPECT_EQ(told(), "");
    look_for(500);
    EXPECT_THAT(told(), HasSubstr("has not returned for 10000 ms"));
    look_for(180'000);
    const std::string later = told();
    EXPECT_EQ(std::ranges::count(later, '\n'), 3) << later;
  }
  watch.look(250);
  EXPECT_THAT(told(), HasSubstr("store-mine.create has returned, after 190"));
}

TEST_F(AShard, ThatHangsIsToldOfWithTheFunctionThatItIsIn) {
  const InPlugin inside("protocol-mine.message");
  look_for(1250);
  EXPECT_THAT(told(), HasSubstr("shard 0 has not come to its next turn for 1000 ms: it is in "
                                "protocol-mine.message; nobody in its rooms is served meanwhile"));
  EXPECT_THAT(health.trouble(), HasSubstr("shard 0 has not come to its next turn for 1250 ms: it "
                                          "is in protocol-mine.message"));
  EXPECT_FALSE(watch.all_go_on());
  EXPECT_EQ(metric("freshet_shards_hanging"), 1);
  EXPECT_EQ(metric("freshet_shard_hangs_total"), 1);
  pulse.beat();
  watch.look(250);
  EXPECT_THAT(told(), HasSubstr("shard 0 goes on, after 1250 ms; it was in protocol-mine.message"));
  EXPECT_EQ(health.trouble(), "");
  EXPECT_TRUE(watch.all_go_on());
  EXPECT_EQ(metric("freshet_shards_hanging"), 0);
  EXPECT_EQ(metric("freshet_shard_hangs_total"), 1);
}

// What /healthz says at each line of the log.
struct LogThatAsks final : Log {
  explicit LogThatAsks(const Health& asked) : health(asked) {}
  void write(freshet_level, std::string_view, std::string_view) override {
    troubles.push_back(health.trouble());
  }
  const Health& health;
  std::vector<std::string> troubles;
};

TEST_F(AShard, IsHealthyOnceTheLogSaysThatItGoesOnAndNotWhenItHangs) {
  LogThatAsks asks(health);
  HangWatch other(steps, asks, metrics);
  other.watch({&pulse}, health);
  other.look(250);
  for (int i = 0; i < 4; ++i) other.look(250);
  pulse.beat();
  other.look(250);
  EXPECT_THAT(asks.troubles, ElementsAre(HasSubstr("has not come to its next turn"), ""));
}

TEST_F(AShard, ThatHangsInNoPluginIsToldOfToo) {
  look_for(1250);
  EXPECT_THAT(told(),
              HasSubstr("it is in no plugin, so in the server itself, or the machine has no "
                        "time for it"));
}

TEST_F(AShard, ThatGoesOnIsNotToldOf) {
  for (int i = 0; i < 100; ++i) {
    watch.look(250);
    watch.look(250);
    pulse.beat();
  }
  EXPECT_EQ(told(), "");
  EXPECT_EQ(health.trouble(), "");
}

TEST_F(AShard, ThatHasNotBegunIsNotWaitedFor) {
  Pulse other;
  watch.watch({&other}, health);
  for (int i = 0; i < 20; ++i) {
    pulse.beat();
    watch.look(250);
  }
  EXPECT_EQ(told(), "");
}

TEST_F(AShard, OfAProcessThatWasStoppedDoesNotHang) {
  watch.look(3'600'000);
  EXPECT_EQ(told(), "");
  pulse.beat();
  watch.look(250);
  EXPECT_EQ(told(), "");
}

}  // namespace
}  // namespace freshet
