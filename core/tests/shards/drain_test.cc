// The end of a server, in order: what was submitted is saved and told, then clients are sent away.
#include <gtest/gtest.h>

#include "sim/world.h"

namespace freshet::sim {
namespace {

bool acknowledged(const SimClient& client, uint64_t units) {
  return client.acknowledged().structs.contains(client.id(), 0, units);
}

class Drain : public ::testing::TestWithParam<Movable> {
 protected:
  SimClient& join(World& world, const std::string& name) {
    return world.join({.name = name, .movable = GetParam()});
  }
};

INSTANTIATE_TEST_SUITE_P(HomeAndAway, Drain, ::testing::Values(Movable::yes, Movable::no),
                         [](const auto& test) {
                           return test.param == Movable::yes ? "Home" : "Away";
                         });

TEST_P(Drain, WhatWasSubmittedIsToldToBeSavedBeforeTheClose) {
  World world({.shards = GetParam() == Movable::yes ? 2u : 16u});
  SimClient& ann = join(world, "ann");
  world.store().hold(true);
  ann.type("last words");
  world.run_ms(20);
  world.platform().stop(10'000);
  world.run_ms(500);
  EXPECT_TRUE(ann.connected()) << "nobody is sent away while its edit is being saved";
  EXPECT_FALSE(acknowledged(ann, 10));

  world.store().hold(false);
  ASSERT_TRUE(world.run_until([&] { return ann.close_code() == 1012; }, 5'000));
  EXPECT_TRUE(acknowledged(ann, 10));
  EXPECT_TRUE(world.run_until([&] { return world.platform().finished(); }, 5'000));
}

TEST_P(Drain, NobodyNewComesInAndReadinessSaysSo) {
  World world;
  SimClient& ann = join(world, "ann");
  world.store().hold(true);
  ann.type("x");
  world.run_ms(20);
  world.platform().stop(10'000);
  world.run_ms(20);
  EXPECT_EQ(world.get({.target = "/readyz"}).status, 503);
  EXPECT_EQ(world.get({.target = "/healthz"}).status, 200);
  world.store().hold(false);
  EXPECT_TRUE(world.run_until([&] { return world.platform().finished(); }, 5'000));
}

TEST_P(Drain, AStoreThatFailsLeavesItToTheDeadline) {
  World world;
  SimClient& ann = join(world, "ann");
  world.store().fail_appends(Status::retry);
  ann.type("x");
  world.run_ms(20);
  world.platform().stop(3'000);
  world.run_ms(3'000);
  EXPECT_FALSE(world.platform().finished());
  EXPECT_FALSE(acknowledged(ann, 1));
}

TEST_P(Drain, AnIdleServerEndsAtOnce) {
  World world;
  SimClient& ann = join(world, "ann");
  world.platform().stop(10'000);
  EXPECT_TRUE(world.run_until([&] { return world.platform().finished(); }, 200));
  world.run_ms(10);
  EXPECT_EQ(ann.close_code(), 1012);
}

TEST_P(Drain, AfterARestartEverybodyIsBackWithEverything) {
  World world;
  SimClient& ann = join(world, "ann");
  SimClient& bob = join(world, "bob");
  ann.type("before ");
  world.settle();
  world.stop();
  ann.type("meanwhile");
  world.start();
  ASSERT_TRUE(world.run_until([&] { return ann.synced() && bob.synced(); }, 10'000));
  world.settle();
  EXPECT_EQ(bob.text(), "before meanwhile");
  world.run_ms(20'000);  // stock clients take no notice of a first state at clock 0
  world.check_calm();
  EXPECT_TRUE(world.verdict().clean()) << world.verdict().summary();
}

}  // namespace
}  // namespace freshet::sim
