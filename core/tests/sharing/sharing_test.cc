// One room at two nodes.
#include <gtest/gtest.h>

#include "sim/sim_node.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

Setup two_nodes() {
  Setup setup;
  setup.nodes = 2;
  setup.bus = true;
  return setup;
}

struct SharingTest : ::testing::Test, World {
  SharingTest() : World(two_nodes()) {}

  SimStore& store_of(size_t index) { return node(index).process().store(); }
  bool sees(SimClient& client, const std::string& text, uint64_t within_ms) {
    return run_until([&] { return client.text() == text; }, within_ms);
  }

  SimClient& ann = join("ann", "r", 0);
  SimClient& bob = join("bob", "r", 1);
};

TEST_F(SharingTest, AnEditIsSeenElsewhereBeforeItIsSaved) {
  store_of(0).hold(true);
  ann.type("early");
  EXPECT_TRUE(sees(bob, "early", 100)) << bob.text();
  EXPECT_TRUE(ann.acknowledged().structs.empty());
}

TEST_F(SharingTest, NobodyIsGivenWhatNoNodeHasSaved) {
  store_of(0).hold(true);
  store_of(1).hold(true);
  ann.type("unsaved");
  ASSERT_TRUE(sees(bob, "unsaved", 100));
  SimClient& cleo = client({.name = "cleo", .room = "r", .node = 1});
  cleo.go_online();
  run_ms(5'000);
  EXPECT_FALSE(cleo.synced());
  store_of(0).hold(false);
  store_of(1).hold(false);
  EXPECT_TRUE(sees(cleo, "unsaved", 5'000));
  EXPECT_TRUE(verdict().clean()) << verdict().summary();
}

TEST_F(SharingTest, WhoGoesOnFromWhatIsUnsavedIsToldThatItIsSavedWhenAllIs) {
  store_of(0).hold(true);
  ann.type("a");
  ASSERT_TRUE(sees(bob, "a", 100));
  store_of(1).hold(true);
  bob.type("b");
  run_ms(60);
  store_of(1).hold(false);
  ASSERT_TRUE(run_until([&] { return !bob.acknowledged().structs.empty(); }, 5'000));
  EXPECT_GT(disk().rooms.at("r").last_seq, 1u) << "what ann wrote is stored as well";
  kill(0);
  kill(1);
  EXPECT_TRUE(verdict().clean()) << verdict().summary();
}

TEST_F(SharingTest, WhatANodeDiesWithIsStoredByTheOther) {
  store_of(0).fail_appends(Status::retry);
  ann.type("kept");
  ASSERT_TRUE(sees(bob, "kept", 100));
  kill(0);
  run_ms(2'000);
  EXPECT_EQ(metric("freshet_updates_stored_for_others_total", 1), 1);
  EXPECT_TRUE(join("cleo", "r", 1).text() == "kept");
}

// With as many more commits it would only be slower.
TEST_F(SharingTest, ASlowDatabaseIsNotGivenEverythingTwice) {
  ann.type("a");
  bob.type("b");
  settle();
  scene().weather.disk = {400 * kMs, 400 * kMs};
  bob.type("slow");
  run_ms(3'000);
  const int64_t before = metric("freshet_updates_stored_for_others_total", 1);
  for (int i = 0; i < 20; ++i) {
    ann.type("x");
    bob.type("y");
    run_ms(300);
  }
  run_ms(5'000);
  EXPECT_EQ(metric("freshet_updates_stored_for_others_total", 1), before);
}

TEST_F(SharingTest, NothingIsReadThatWasHeard) {
  settle();
  const uint64_t before = store_of(1).count().tails;
  for (int i = 0; i < 50; ++i) {
    ann.type("x");
    run_ms(20);
  }
  settle();
  EXPECT_EQ(bob.text().size(), 50u);
  EXPECT_EQ(store_of(1).count().tails, before);
}

TEST_F(SharingTest, WhatIsTooLargeForTheBusIsReadWhenItIsStored) {
  ann.type(std::string(200'000, 'x'));
  EXPECT_TRUE(run_until([&] { return bob.text().size() == 200'000; }, 500));
}

TEST_F(SharingTest, WithoutTheBusItIsSlowerAndNothingElse) {
  node(1).cut_from_bus(true);
  ann.type("late");
  EXPECT_TRUE(sees(bob, "late", 40'000));
  node(1).cut_from_bus(false);
  settle();
  ann.type("soon ");
  EXPECT_TRUE(run_until([&] { return bob.text().size() == 9; }, 200));
}

// Of a release that this one does not know, or damaged.
TEST_F(SharingTest, WhatCannotBeReadIsCountedAndDoesNoHarm) {
  settle();
  constexpr uint32_t kStranger = 1'000;
  air().say(kStranger, "r", {99, 1, 2, 3});
  air().say(kStranger, "r", {});
  run_ms(100);
  EXPECT_EQ(metric("freshet_bus_unread_total", 0), 2);
  EXPECT_EQ(metric("freshet_bus_unread_total", 1), 2);
  ann.type("goes on");
  EXPECT_TRUE(sees(bob, "goes on", 100));
}

}  // namespace
}  // namespace freshet::sim
