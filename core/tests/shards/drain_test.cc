// The end of a server, in order: what was submitted is saved and told, then clients are sent away.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <optional>

#include "sim/plugins/sim_app.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

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

// ---- apps that pass on what they are told

class PassingOn : public ::testing::Test {
 protected:
  // The app has been told of the first edit and not of the last, when the server is to stop.
  void stop_behind_an_edit(uint32_t deadline_ms) {
    limits.app_storage_ms = 60'000;
    app.asks_until_settled = 100'000;
    sim::Setup setup;
    setup.limits = limits;
    setup.weather = weather;
    setup.apps = {app.table()};
    world.emplace(setup);
    SimClient& ann = world->join(ClientOptions{.name = "ann", .comes_back = false});
    ann.type("first");
    world->settle();
    ann.type("last");
    world->settle();
    ASSERT_THAT(app.heard, ElementsAre("updated r \"first\""));
    world->platform().stop(deadline_ms);
  }
  uint64_t ms_until_the_end() {
    uint64_t ms = 0;
    for (; !world->platform().finished() && ms < 60'000; ++ms) world->run_ms(1);
    return ms;
  }

  static constexpr uint32_t kUpdated = 1u << FRESHET_STORAGE_UPDATED;
  SimApp app{{sizeof(freshet_app_wants), kUpdated | 1u << FRESHET_ROOM_DELETED, kUpdated, 0, 0}};
  Limits limits;
  Weather weather;
  std::optional<World> world;
};

TEST_F(PassingOn, HoldsTheEndUntilItIsDone) {
  ASSERT_NO_FATAL_FAILURE(stop_behind_an_edit(10'000));
  world->run_ms(5'000);
  EXPECT_FALSE(world->platform().finished());
  EXPECT_THAT(app.heard, ElementsAre("updated r \"first\"", "updated r \"firstlast\""));
  EXPECT_EQ(app.heard_when_asked, 2u) << "it cannot say before it was told everything";
  EXPECT_EQ(world->clients().front()->close_code(), 1012) << "clients do not wait for it";
  app.settle();
  EXPECT_LE(ms_until_the_end(), 20u);
}

TEST_F(PassingOn, IsNotDisturbedByTheEndOfRoomsThatHaveNotEnded) {
  limits.linger_ms = 1'000;
  ASSERT_NO_FATAL_FAILURE(stop_behind_an_edit(10'000));
  world->run_ms(5'000);
  EXPECT_THAT(app.heard, ElementsAre("updated r \"first\"", "updated r \"firstlast\""));
}

// Taken before she is sent away, and applied on a worker when she has gone.
TEST_F(PassingOn, IsToldOfALongUpdateThatIsAppliedLast) {
  limits.turn_bytes = 1'000;
  weather.worker = {50 * kMs, 50 * kMs};
  ASSERT_NO_FATAL_FAILURE(stop_behind_an_edit(10'000));
  world->run_ms(1);
  SimClient& ann = *world->clients().front();
  ann.type(std::string(5'000, 'x'));
  world->run_ms(5'000);
  ASSERT_TRUE(world->disk().ids("r").structs.contains(ann.id(), 9, 5'000)) << "it came too late";
  EXPECT_THAT(app.heard.back(), HasSubstr("xxx"));
}

TEST_F(PassingOn, HoldsItNoLongerThanLeavesTimeToEndInOrder) {
  ASSERT_NO_FATAL_FAILURE(stop_behind_an_edit(10'000));
  EXPECT_NEAR(static_cast<double>(ms_until_the_end()), 9'000, 20);
  EXPECT_TRUE(world->logged("sim-app has not passed on all that it was told"));
}

TEST_F(PassingOn, IsNotAskedOfAnAppThatKnowsNothingOfIt) {
  SimApp other{{sizeof(freshet_app_wants), SimApp::kEverything, 0, 0, 0}};
  freshet_app older = *other.table();
  older.size = offsetof(freshet_app, settled);
  freshet_app silent = *other.table();
  silent.settled = nullptr;
  sim::Setup setup;
  setup.apps = {&older, &silent};
  World without(setup);
  without.join("ann").type("x");
  without.settle();
  without.platform().stop(10'000);
  EXPECT_TRUE(without.run_until([&] { return without.platform().finished(); }, 200));
  EXPECT_EQ(other.asks, 0u);
}

}  // namespace
}  // namespace freshet::sim
