// Several nodes in one world: that they are what the random runs take them for.
#include <gtest/gtest.h>

#include "sim/clients/pluv_client.h"
#include "sim/sim_node.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

struct TwoNodes : World {
  explicit TwoNodes(Setup setup = {}) : World(with_two(std::move(setup))) {}

 private:
  static Setup with_two(Setup setup) {
    setup.nodes = 2;
    setup.bus = true;
    return setup;
  }
};

TEST(Nodes, WhatIsTypedAtOneReachesTheOther) {
  TwoNodes world;
  SimClient& ann = world.join("ann", "r", 0);
  SimClient& bob = world.join("bob", "r", 1);
  ann.type("hello");
  EXPECT_TRUE(world.run_until([&] { return bob.text() == "hello"; }, 5'000)) << bob.text();
  bob.type(" you");
  EXPECT_TRUE(world.run_until([&] { return ann.text() == bob.text(); }, 5'000)) << ann.text();
  EXPECT_TRUE(world.run_until([&] { return world.calm(); }));
  EXPECT_TRUE(world.verdict().clean()) << world.verdict().summary();
}

TEST(Nodes, AClientTakesAlongWhatWasNotSavedAtANodeThatDied) {
  TwoNodes world;
  SimClient& ann = world.join("ann", "r", 0);
  SimClient& bob = world.join("bob", "r", 1);
  world.node(0).process().store().fail_appends(Status::retry);
  ann.type("unsaved");
  world.settle();
  EXPECT_TRUE(ann.acknowledged().structs.empty());
  world.kill(0);
  world.move(ann, 1);
  EXPECT_TRUE(world.run_until([&] { return bob.text() == "unsaved"; }, 5'000));
  EXPECT_TRUE(world.run_until([&] { return world.calm(); }));
  EXPECT_TRUE(world.verdict().clean()) << world.verdict().summary();
}

TEST(Nodes, ANodeThatIsCutOffFromTheStoreSavesWhenItIsBack) {
  TwoNodes world;
  SimClient& ann = world.join("ann", "r", 0);
  SimClient& bob = world.join("bob", "r", 1);
  world.node(0).cut_from_store(true);
  ann.type("here");
  bob.type("there");
  world.run_ms(5'000);
  EXPECT_TRUE(ann.acknowledged().structs.empty());
  EXPECT_FALSE(bob.acknowledged().structs.empty()) << "its node reaches the store";
  world.node(0).cut_from_store(false);
  EXPECT_TRUE(world.run_until([&] { return world.calm(); }));
  EXPECT_TRUE(world.run_until([&] { return !ann.acknowledged().structs.empty(); }));
  EXPECT_EQ(ann.text().size(), std::string("herethere").size());
  EXPECT_TRUE(world.verdict().clean()) << world.verdict().summary();
}

TEST(Nodes, ADatabaseThatIsAwayIsAwayForAll) {
  TwoNodes world;
  SimClient& ann = world.join("ann", "r", 0);
  SimClient& bob = world.join("bob", "r", 1);
  world.set_database_away(true);
  ann.type("a");
  bob.type("b");
  world.run_ms(5'000);
  EXPECT_TRUE(ann.acknowledged().structs.empty());
  EXPECT_TRUE(bob.acknowledged().structs.empty());
  world.set_database_away(false);
  EXPECT_TRUE(world.run_until([&] { return !ann.acknowledged().structs.empty(); }));
  EXPECT_TRUE(world.run_until([&] { return !bob.acknowledged().structs.empty(); }));
}

TEST(Nodes, WhatComesToANodeThatStandsStillWaitsAndComesInItsOrder) {
  for (const auto clock : {SimPlatform::ClockThen::runs, SimPlatform::ClockThen::stands}) {
    TwoNodes world;
    SimClient& ann = world.join("ann", "r", 0);
    SimClient& bob = world.join("bob", "r", 1);
    SimPlatform& paused = world.node(0).process().platform();
    const uint64_t before_ms = paused.now_ms();
    paused.pause(20'000, clock);
    ann.type("one ");
    world.run_ms(10'000);
    ann.type("two ");
    EXPECT_EQ(bob.text(), "");
    world.run_ms(9'000);
    EXPECT_TRUE(ann.acknowledged().structs.empty());
    EXPECT_TRUE(world.run_until([&] { return bob.text() == "one two "; }, 4'000)) << bob.text();
    const bool ran = paused.now_ms() - before_ms > 19'000;
    EXPECT_EQ(ran, clock == SimPlatform::ClockThen::runs);
    EXPECT_TRUE(world.run_until([&] { return world.calm(); }));
  }
}

TEST(Nodes, ClocksOfTwoMachinesDiffer) {
  TwoNodes world;
  world.kill(1);
  world.node(1).set_clock({.drift_ppm = 50'000, .unix_ahead_ms = -3'600'000});
  world.start(1);
  world.run_ms(100'000);
  SimPlatform& one = world.node(0).process().platform();
  SimPlatform& other = world.node(1).process().platform();
  EXPECT_NEAR(static_cast<double>(other.now_ms() - one.now_ms()), 5'000, 2);
  EXPECT_EQ(one.unix_ms() - other.unix_ms(), 3'600'000u);
}

// Whoever waits is told that its call failed, and asks again; the old one comes first.
TEST(Nodes, ACommitThatEndsAfterItsConnectionIsWrittenOnce) {
  Weather weather;
  weather.append_unknown_percent = 60;
  TwoNodes world({.seed = 5, .weather = weather});
  SimClient& ann = world.join("ann", "r", 0);
  for (int i = 0; i < 20; ++i) {
    ann.type("x");
    world.run_ms(300);
  }
  world.scene().weather = {};
  EXPECT_TRUE(world.run_until([&] { return world.calm(); }));
  EXPECT_LE(world.disk().rooms.at("r").last_seq, 20u) << "a row twice would do no harm";
  EXPECT_TRUE(world.verdict().clean()) << world.verdict().summary();
}

// It has heard that there is something, and not yet read what.
TEST(Nodes, ARoomThatAnotherNodeBeganIsNotBegunAgain) {
  TwoNodes world;
  world.join("eve", "r", 1);
  world.node(1).process().store().fail_loads(Status::retry);
  PluvClient ann(world.scene(), world.node(0).address(), world.disk(), 0x2000, {.name = "ann"});
  ann.go_online();
  ASSERT_TRUE(world.run_until([&] { return ann.synced(); }));
  world.settle();
  PluvClient bob(world.scene(), world.node(1).address(), world.disk(), 0x3000, {.name = "bob"});
  bob.go_online();
  world.settle();
  world.node(1).process().store().heal();
  ASSERT_TRUE(world.run_until([&] { return bob.synced(); }));
  EXPECT_EQ(world.disk().readable_ids("r").structs.clients().size(), 1u);
  std::string first;
  bob.doc().text(PluvClient::kFirstRoot, first);
  EXPECT_EQ(first, "ann;");
  ann.go_offline();
  bob.go_offline();
}

// Wherever between the two the commit comes that one of them has not seen when it loads.
TEST(Nodes, WhoComesWhileAnotherNodeBeginsARoomStays) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    Weather weather;
    weather.disk = {kMs, 40 * kMs};
    TwoNodes world({.seed = seed, .weather = weather});
    SimClient& ann = world.client({.name = "ann", .node = 0});
    SimClient& bob = world.client({.name = "bob", .node = 1});
    ann.type("begun");
    ann.go_online();
    world.run_ms(seed % 50);
    bob.go_online();
    ASSERT_TRUE(world.run_until([&] { return bob.text() == "begun"; })) << seed;
    ASSERT_EQ(bob.close_code(), 0) << seed << " " << bob.close_reason;
    ASSERT_EQ(ann.close_code(), 0) << seed << " " << ann.close_reason;
  }
}

// The same, and the other's own edit is answered before what it has asked for.
TEST(Nodes, WhoWritesWhileAnotherNodeBeginsARoomStays) {
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    Weather weather;
    weather.disk = {kMs, 100 * kMs};
    TwoNodes world({.seed = seed, .weather = weather});
    SimClient& ann = world.client({.name = "ann", .node = 0});
    SimClient& bob = world.client({.name = "bob", .node = 1});
    ann.type("one");
    bob.type("two");
    ann.go_online();
    world.run_ms(seed % 100);
    bob.go_online();
    ASSERT_TRUE(world.run_until([&] { return bob.text().size() == 6; })) << seed;
    ASSERT_EQ(bob.close_code(), 0) << seed << " " << bob.close_reason;
    ASSERT_EQ(ann.close_code(), 0) << seed << " " << ann.close_reason;
  }
}

TEST(Nodes, PeopleOfALivingNodeStayAndThoseOfADeadOneGo) {
  TwoNodes world;
  SimClient& ann = world.join("ann", "r", 0);
  SimClient& bob = world.join("bob", "r", 1);
  ASSERT_TRUE(world.run_until([&] { return ann.seen().size() == 2 && bob.seen().size() == 2; }));
  for (int i = 0; i < 60; ++i) {
    world.run_ms(1'000);
    ASSERT_EQ(bob.present().count(ann.id()), 1u) << i;
  }
  world.kill(0);
  EXPECT_TRUE(world.run_until([&] { return bob.present().count(ann.id()) == 0; }, 15'000));
}

// Heard on the bus alone: this node did not reach the store while the other lived.
TEST(Nodes, PeopleOfANodeThatWasNeverSeenInTheStoreGo) {
  TwoNodes world;
  SimClient& bob = world.join("bob", "r", 0);
  world.node(0).cut_from_store(true);
  world.kill(1);
  world.start(1);
  PluvClient ann(world.scene(), world.node(1).address(), world.disk(), 0x2000, {.name = "ann"});
  ann.show_json(R"({"name":"ann"})");
  ann.go_online();
  ASSERT_TRUE(world.run_until([&] { return bob.seen().contains(R"({"name":"ann"})"); }));
  world.kill(1);
  ann.go_offline();
  world.start(1);
  world.run_ms(15'000);
  world.node(0).cut_from_store(false);
  EXPECT_TRUE(world.run_until([&] { return bob.seen().size() == 1; }, 20'000));
}

// The first who is back moves the clocks of those who are there, and the second has not heard them
// before either.
TEST(Nodes, TwoWhoComeBackAtOnceBothSeeWhoIsThere) {
  TwoNodes world;
  SimClient& ann = world.join("ann", "r", 0);
  SimClient& bob = world.join("bob", "r", 1);
  SimClient& eve = world.join("eve", "r", 1);
  world.settle();
  world.kill(1);
  world.run_ms(100);
  world.move(bob, 0);
  world.move(eve, 0);
  const auto see_ann = [&] {
    return bob.present().contains(ann.id()) && eve.present().contains(ann.id());
  };
  EXPECT_TRUE(world.run_until([&] { return bob.synced() && eve.synced(); }, 5'000));
  EXPECT_TRUE(world.run_until(see_ann, 5'000)) << bob.seen().size() << eve.seen().size();
}

// Like all of its kind it repeats what it hears, at a node that may not have heard it before.
TEST(Nodes, AViewerTakesNobodyAlongWhenItLeaves) {
  TwoNodes world;
  SimClient& ann = world.join("ann", "r", 0);
  SimClient& bob = world.join("bob", "r", 0);
  ann.show_json(R"({"name":"ann"})");
  bob.show_json(R"({"name":"bob"})");
  world.settle();
  for (int i = 0; i < 5; ++i) {
    SimClient& viewer = world.join("viewer" + std::to_string(i), "r", 1);
    world.run_ms(1'500);
    viewer.go_offline();
    for (int step = 0; step < 50; ++step) {
      world.run_ms(10);
      ASSERT_TRUE(bob.present().contains(ann.id())) << i;
      ASSERT_TRUE(ann.present().contains(bob.id())) << i;
    }
  }
}

// It is loaded again as what it is, and knows whom it knew.
TEST(Nodes, WhoLeavesWhileARoomCannotBeLoadedIsGone) {
  TwoNodes world;
  SimClient& ann = world.join("ann", "r", 1);
  ann.show_json(R"({"name":"ann"})");
  world.settle();
  SimStore& store = world.node(0).process().store();
  store.hold(true);
  store.fail_loads(Status::retry);
  SimClient& bob = world.client({.name = "bob", .node = 0});
  bob.go_online();
  world.run_ms(500);  // it hears of ann
  store.hold(false);
  ASSERT_TRUE(world.run_until([&] { return world.logged("cannot be loaded"); }, 5'000));
  ASSERT_TRUE(world.stop(10'000, 1));
  store.heal();
  for (int i = 0; i < 3; ++i) {  // often enough for it to stay
    bob.go_offline();
    world.run_ms(900);
    bob.go_online();
  }
  ASSERT_TRUE(world.run_until([&] { return bob.synced(); }, 500));
  world.settle();
  EXPECT_FALSE(bob.present().contains(ann.id()));
}

TEST(Nodes, AFailoverTakesBackWhatWasWrittenLast) {
  TwoNodes world;
  world.disk().expect_failover(10);
  SimClient& ann = world.join("ann", "r", 0);
  ann.type("kept");
  world.settle();
  ann.type(" lost");
  ASSERT_TRUE(world.run_until([&] { return ann.acknowledged().structs.contains(ann.id(), 4, 5); }));
  const uint64_t before = world.disk().rooms.at("r").last_seq;
  world.disk().fail_over(1);
  EXPECT_EQ(world.disk().rooms.at("r").last_seq, before - 1);
  EXPECT_TRUE(world.run_until([&] { return world.calm(); })) << "its nodes store it once more";
  EXPECT_EQ(ann.text(), "kept lost");
  EXPECT_EQ(ann.close_code(), 0);
}

// As many rows as before, and they are others: the end of the log does not tell.
TEST(Nodes, AFailoverBehindWhichOthersWriteAsMuchIsNoticed) {
  for (const size_t writes : {size_t{0}, size_t{1}}) {
    TwoNodes world;
    world.disk().expect_failover(10);
    SimClient& ann = world.join("ann", "r", 0);
    SimClient& bob = world.join("bob", "r", 1);
    ann.type("kept");
    world.settle();
    ann.type(" lost");
    const uint64_t before = world.disk().rooms.at("r").last_seq;
    ASSERT_TRUE(world.run_until([&] {
      return bob.text() == "kept lost" && world.disk().rooms.at("r").last_seq > before &&
             ann.acknowledged().structs.contains(ann.id(), 4, 5);
    }));
    world.disk().fail_over(1);
    ASSERT_EQ(world.disk().rooms.at("r").last_seq, before);
    (writes == 0 ? ann : bob).type("!");
    world.run_ms(40'000);
    EXPECT_TRUE(world.run_until([&] { return world.calm(); })) << writes;
    EXPECT_EQ(ann.text().size(), std::string("kept lost!").size());
    EXPECT_EQ(ann.close_code(), 0);
    EXPECT_EQ(bob.close_code(), 0);
  }
}

// Where another has written meanwhile, and a third goes on behind that, of whom alone this node
// hears.
TEST(Nodes, ALossIsNoticedByWhatAThirdNodeWritesBehindIt) {
  World world({.nodes = 3, .bus = true});
  world.disk().expect_failover(10);
  SimClient& ann = world.join("ann", "r", 0);
  SimClient& bob = world.join("bob", "r", 1);
  SimClient& cat = world.join("cat", "r", 2);
  ann.type("kept");
  world.settle();
  for (const size_t deaf : {size_t{1}, size_t{2}}) world.node(deaf).cut_from_bus(true);
  ann.type(" lost");
  ASSERT_TRUE(
      world.run_until([&] { return ann.acknowledged().structs.contains(ann.id(), 4, 5); }, 500));
  world.disk().fail_over(1);
  cat.type("!");
  ASSERT_TRUE(
      world.run_until([&] { return cat.acknowledged().structs.contains(cat.id(), 0, 1); }, 500));
  world.node(1).cut_from_bus(false);
  for (int i = 0; i < 20; ++i) {
    bob.type("?");
    world.run_ms(100);
  }
  world.node(2).cut_from_bus(false);
  EXPECT_TRUE(world.run_until([&] { return world.calm(); }));
  EXPECT_TRUE(world.disk().readable_ids("r").structs.contains(ann.id(), 0, 9));
  EXPECT_EQ(ann.close_code(), 0);
}

}  // namespace
}  // namespace freshet::sim
