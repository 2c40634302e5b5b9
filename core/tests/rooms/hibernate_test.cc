// Idle rooms that let go of their document while their connections stay.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/world.h"

namespace freshet::sim {
namespace {

constexpr uint32_t kAfterMs = 3'000;

Setup idle_soon() {
  Setup setup;
  setup.limits.hibernate_after_ms = kAfterMs;
  return setup;
}

struct Sleepy : World {
  Sleepy() : World(idle_soon()) {
    ann = &join("ann");
    bob = &join("bob");
    ann->type("a");
    run_ms(2 * kAfterMs);
    EXPECT_EQ(sleeps(), 1);
  }
  int64_t sleeps() { return metric("freshet_hibernations_total"); }
  void expect_both_have(const std::string& text) {
    EXPECT_EQ(ann->text(), text);
    EXPECT_EQ(bob->text(), text);
    run_ms(20'000);
    check_calm();
    EXPECT_TRUE(verdict().clean()) << verdict().summary();
  }
  SimClient *ann, *bob;
};

TEST(Hibernate, AnEditWakesTheRoomAndReachesEverybody) {
  Sleepy world;
  world.ann->type("b");
  world.settle();
  world.expect_both_have("ab");
  EXPECT_EQ(world.sleeps(), 2) << "and it sleeps again";
}

TEST(Hibernate, HeartbeatsAndPresenceDoNotWakeIt) {
  Sleepy world;
  for (int i = 0; i < 10; ++i) {
    world.ann->show("{\"turn\":" + std::to_string(i) + "}");
    world.run_ms(10'000);
  }
  const auto shown = world.bob->present();
  EXPECT_TRUE(
      std::ranges::any_of(shown, [](const auto& p) { return p.second == R"({"turn":9})"; }));
  EXPECT_EQ(world.sleeps(), 1);
}

TEST(Hibernate, ANewcomerGetsAll) {
  Sleepy world;
  SimClient& late = world.join("late");
  world.settle();
  EXPECT_EQ(late.text(), "a");
  world.expect_both_have("a");
}

TEST(Hibernate, ARoomThatIsInUseOrHasSomethingUnsavedStaysAwake) {
  World world(idle_soon());
  SimClient& ann = world.join("ann");
  for (int i = 0; i < 10; ++i) {
    ann.type("x");
    world.run_ms(kAfterMs / 2);
  }
  EXPECT_EQ(world.metric("freshet_hibernations_total"), 0);
  world.store().hold(true);
  ann.type("y");
  world.run_ms(4 * kAfterMs);
  EXPECT_EQ(world.metric("freshet_hibernations_total"), 0);
  world.store().hold(false);
  world.run_ms(4 * kAfterMs);
  EXPECT_EQ(world.metric("freshet_hibernations_total"), 1);
}

TEST(Hibernate, ARoomThatNobodyWroteIntoHasNothingToLetGoOf) {
  World world(idle_soon());
  SimClient &ann = world.join("ann"), &bob = world.join("bob");
  world.run_ms(4 * kAfterMs);
  ann.type("a");
  world.settle();
  EXPECT_EQ(bob.text(), "a");
  EXPECT_EQ(world.metric("freshet_room_loads_failed_total"), 0);
}

TEST(Hibernate, WhenItCannotBeLoadedAgainNothingIsLost) {
  Sleepy world;
  world.store().fail_loads(Status::retry);
  world.ann->type("b");
  world.settle();
  EXPECT_EQ(world.bob->text(), "a");
  world.store().fail_loads(Status::ok);
  world.run_ms(30'000);
  world.expect_both_have("ab");
}

TEST(Hibernate, ItSurvivesAPowerCut) {
  Sleepy world;
  world.kill();
  world.start();
  world.run_ms(10'000);
  world.ann->type("b");
  world.run_ms(10'000);
  world.expect_both_have("ab");
}

TEST(Hibernate, WhoFallsBehindMeanwhileCatchesUp) {
  sim::Setup setup = idle_soon();
  setup.limits.reader_bytes = 1;
  World world(setup);
  SimClient &ann = world.join("ann"), &bob = world.join("bob");
  ann.type("a");
  world.run_ms(2 * kAfterMs);
  EXPECT_EQ(world.metric("freshet_hibernations_total"), 1);
  bob.read_speed(0);
  for (int i = 0; i < 5; ++i) {
    ann.show("{\"turn\":" + std::to_string(i) + "}");
    world.run_ms(500);
  }
  bob.read_speed(UINT64_MAX);
  world.settle();
  const auto shown = bob.present();
  EXPECT_TRUE(
      std::ranges::any_of(shown, [](const auto& p) { return p.second == R"({"turn":4})"; }));
  EXPECT_EQ(world.metric("freshet_hibernations_total"), 1);
  ann.type("b");
  world.settle();
  EXPECT_EQ(bob.text(), "ab");
}

}  // namespace
}  // namespace freshet::sim
