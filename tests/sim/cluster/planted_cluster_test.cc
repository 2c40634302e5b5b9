// Bugs planted around several nodes: a run that does not see them proves nothing.
#include <gtest/gtest.h>

#include "sim/clients/pluv_client.h"
#include "sim/plugins/sim_app.h"
#include "sim/runs/cluster_run.h"
#include "sim/runs/cluster_verdict.h"
#include "sim/sim_node.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

constexpr uint64_t kClusterSeeds = 30;

// In how many of some runs the planted bug shows as one of the broken promises that it is.
uint64_t seen_as(const ClusterPlan& plan, std::initializer_list<Broken> kinds) {
  uint64_t runs = 0;
  for (uint64_t seed = 1; seed <= kClusterSeeds; ++seed) {
    const ClusterResult result = cluster_run(seed, plan);
    runs += std::ranges::any_of(kinds, [&](Broken kind) { return result.saw(kind); }) ? 1 : 0;
  }
  return runs;
}

TEST(PlantedCluster, WithoutABugNothingIsSeen) {
  for (uint64_t seed = 1; seed <= kClusterSeeds; ++seed) {
    EXPECT_TRUE(cluster_run(seed).clean) << seed;
  }
}

TEST(PlantedCluster, AnEarlyEditTakenForASavedOneIsSeen) {
  EXPECT_GT(seen_as({.plant = Plant::early_as_saved},
                    {Broken::served_unsaved, Broken::acknowledged_unsaved}),
            0u);
}

TEST(PlantedCluster, ATailThatSkipsWhatWasFoldedIsSeen) {
  EXPECT_GT(seen_as({.plant = Plant::tail_skips}, {Broken::diverged}), 0u);
}

TEST(PlantedCluster, AnEventThatIsHeardTwiceIsSeen) {
  EXPECT_GT(seen_as({.plant = Plant::bus_replays}, {Broken::doubled}), 0u);
}

TEST(PlantedCluster, AnAcknowledgementBeforeTheWriteAtOneNodeIsSeen) {
  EXPECT_GT(seen_as({.plant = Plant::acknowledge_before_write, .plant_node = 0},
                    {Broken::acknowledged_unsaved}),
            kClusterSeeds / 2);
}

TEST(PlantedCluster, TwoFirstStatesOfOneRoomAreSeenInRuns) {
  EXPECT_GT(seen_as({.plant = Plant::first_ignored}, {Broken::doubled}), 0u);
}

TEST(PlantedCluster, AnEndThatIsToldUnderTwoIdsIsSeen) {
  EXPECT_GT(seen_as({.plant = Plant::end_told_twice}, {Broken::doubled}), 0u);
}

// ---- told as stories

size_t beginnings(World& world) {
  const UpdateIds ids = world.disk().readable_ids("r");
  size_t count = 0;
  for (const auto& [client, spans] : ids.structs.clients()) {
    count += client >= kFirstOffer || client < kFirstPerson ? 1 : 0;
  }
  return count;
}

// A store that takes its time: both have loaded nothing when the first of them is stored.
Weather slow_disk() {
  Weather weather;
  weather.disk = {40 * kMs, 60 * kMs};
  return weather;
}

size_t begun_by_pluv_clients(uint64_t seed, Plant plant) {
  World world({.seed = seed, .weather = slow_disk(), .plant = plant, .nodes = 2, .bus = true});
  PluvClient ann(world.scene(), world.node(0).address(), world.disk(), 0x2000, {.name = "ann"});
  PluvClient bob(world.scene(), world.node(1).address(), world.disk(), 0x3000, {.name = "bob"});
  ann.go_online();
  bob.go_online();
  EXPECT_TRUE(world.run_until([&] { return ann.synced() && bob.synced(); }));
  ann.go_offline();
  bob.go_offline();
  return beginnings(world);
}

size_t begun_by_apps(uint64_t seed, Plant plant) {
  SimApp apps[2];
  for (size_t i = 0; i < 2; ++i) apps[i].first_bytes = Author(7 + i).type({"app"}, 0, "app;");
  World world({.seed = seed,
               .weather = slow_disk(),
               .plant = plant,
               .nodes = 2,
               .bus = true,
               .apps_of = [&](size_t node) {
                 return std::vector<const freshet_app*>{apps[node].table()};
               }});
  SimClient& ann = world.client({.name = "ann", .node = 0});
  SimClient& bob = world.client({.name = "bob", .node = 1});
  ann.go_online();
  bob.go_online();
  EXPECT_TRUE(world.run_until([&] { return ann.synced() && bob.synced(); }));
  return beginnings(world);
}

TEST(PlantedCluster, ARoomThatBeginsTwiceIsSeen) {
  for (const auto begun : {begun_by_pluv_clients, begun_by_apps}) {
    size_t doubled = 0;
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      EXPECT_EQ(begun(seed, Plant::none), 1u) << seed;
      doubled += begun(seed, Plant::first_ignored) - 1;
    }
    EXPECT_GT(doubled, 0u);
  }
}

TEST(PlantedCluster, AFailoverOfWhichNobodyIsToldIsSeen) {
  for (const Plant plant : {Plant::none, Plant::failover_hidden}) {
    World world({.plant = plant, .nodes = 2, .bus = true, .may_lose = true});
    world.disk().expect_failover(10);
    SimClient& ann = world.join("ann", "r", 0);
    world.join("bob", "r", 1);
    ann.type("kept");
    world.settle();
    ann.type(" lost");
    ASSERT_TRUE(
        world.run_until([&] { return ann.acknowledged().structs.contains(ann.id(), 4, 5); }));
    world.disk().fail_over(1);
    world.run_ms(20'000);
    EXPECT_EQ(world.calm(), plant == Plant::none);
  }
}

TEST(ClusterRuns, AreTheSameTwice) {
  const ClusterResult once = cluster_run(7), again = cluster_run(7);
  EXPECT_EQ(once.events, again.events);
  EXPECT_EQ(once.said, again.said);
}

}  // namespace
}  // namespace freshet::sim
