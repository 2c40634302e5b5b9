// Updates too long for a turn of the shard: applied on a worker, while their room waits, in order,
// and no other room does.
#include <gtest/gtest.h>

#include <optional>

#include "core/tests/rooms/failing_engine.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

constexpr uint64_t kWorkMs = 1'000;

Setup slow_workers(size_t loading_bytes = size_t{8} << 20) {
  Setup setup;
  setup.shards = 1;
  setup.limits.turn_bytes = 1'000;
  setup.limits.update_bytes = 10'000;
  setup.limits.loading_bytes = loading_bytes;
  setup.limits.linger_ms = 5'000;
  return setup;
}

// Ann and Bob share a room; workers take a second from when they are there.
struct Busy : World {
  explicit Busy(const Setup& setup = slow_workers()) : World(setup) {
    ann = &join("ann");
    bob = &join("bob");
    settle();
    scene().weather.worker = {kWorkMs * kMs, kWorkMs * kMs};
  }
  void paste() {
    ann->type(std::string(5'000, 'x'));
    run_ms(20);
    EXPECT_EQ(metric("freshet_long_updates_total"), 1);
    EXPECT_TRUE(bob->text().empty());
  }
  void expect_in_the_end(const std::string& text) {
    run_ms(20'000);
    check_calm();
    EXPECT_TRUE(bob->text() == text) << bob->text().size();
    EXPECT_TRUE(verdict().clean()) << verdict().summary();
  }
  SimClient *ann, *bob;
};
const std::string kPasted(5'000, 'x');

TEST(LongUpdate, ReachesEverybodyAndIsAcknowledged) {
  Busy world;
  world.paste();
  world.run_ms(kWorkMs);
  EXPECT_TRUE(world.bob->text() == kPasted);
  world.run_ms(2 * kWorkMs);  // the store has workers, too
  EXPECT_TRUE(world.ann->acknowledged().structs.contains(world.ann->id(), 0, 5'000));
  world.expect_in_the_end(kPasted);
}

TEST(LongUpdate, HoldsUpNoOtherRoom) {
  Busy world;
  world.scene().weather.worker = {0, 0};
  SimClient &cleo = world.join("cleo", "other"), &dan = world.join("dan", "other");
  world.scene().weather.worker = {kWorkMs * kMs, kWorkMs * kMs};
  world.paste();
  for (int i = 0; i < 5; ++i) {
    cleo.type("y");
    world.run_ms(20);
    EXPECT_EQ(dan.text(), std::string(static_cast<size_t>(i) + 1, 'y'));
  }
  EXPECT_TRUE(world.bob->text().empty());
  world.expect_in_the_end(kPasted);
}

TEST(LongUpdate, ALongLineOfWhatWaitedIsWorkedOffInTurns) {
  Busy world;
  world.scene().weather.worker = {0, 0};
  SimClient &cleo = world.join("cleo", "other"), &dan = world.join("dan", "other");
  world.scene().weather.worker = {kWorkMs * kMs, kWorkMs * kMs};
  world.scene().weather.post = {kMs, kMs};
  world.paste();
  for (int i = 0; i < 40; ++i) world.bob->type(std::string(500, 'b'));
  const size_t before = world.ann->received.updates;
  ASSERT_TRUE(world.run_until([&] { return world.ann->received.updates > before; }, 5'000));
  cleo.type("y");
  world.run_ms(4);
  EXPECT_EQ(dan.text(), "y");
  EXPECT_LT(world.ann->received.updates, before + 40) << "the other room came in between";
  world.run_ms(10'000);
  EXPECT_EQ(world.ann->text().size(), 25'000u);
  world.check_calm();
}

TEST(LongUpdate, WhatComesMeanwhileComesBehindItInOrder) {
  Busy world;
  world.paste();
  world.ann->type("y");
  world.ann->show(R"({"behind":true})");
  world.bob->type("z");
  const size_t heard = world.bob->received.messages;
  world.run_ms(kWorkMs / 2);
  EXPECT_EQ(world.bob->received.messages, heard) << "not even presence passes it";
  world.run_ms(kWorkMs);
  EXPECT_EQ(world.bob->present().at(world.ann->id()), R"({"behind":true})");
  world.run_ms(20'000);
  world.check_calm();
  EXPECT_EQ(world.bob->text().size(), 5'002u);
}

TEST(LongUpdate, WhoComesMeanwhileWaitsForIt) {
  Busy world;
  world.paste();
  SimClient& late = world.client({.name = "late"});
  late.go_online();
  world.run_ms(kWorkMs / 2);
  EXPECT_FALSE(late.synced());
  world.run_ms(3 * kWorkMs);
  EXPECT_TRUE(late.text() == kPasted);
  world.expect_in_the_end(kPasted);
}

TEST(LongUpdate, OfASessionThatEndsMeanwhileIsKept) {
  Busy world;
  world.paste();
  world.ann->go_offline();
  world.run_ms(2 * kWorkMs);
  EXPECT_TRUE(world.bob->text() == kPasted);
  world.expect_in_the_end(kPasted);
}

TEST(LongUpdate, OfARoomThatAllLeaveIsSaved) {
  Busy world;
  world.paste();
  world.ann->go_offline();
  world.bob->go_offline();
  world.run_ms(30'000);
  EXPECT_TRUE(world.join("cleo").text() == kPasted);
}

TEST(LongUpdate, OfARoomThatIsErasedMeanwhileGoesWithIt) {
  Busy world;
  world.paste();
  std::optional<HttpAnswer> erased;
  world.platform().request({.role = FRESHET_ADMIN, .method = "DELETE", .target = "/rooms/r"},
                           [&](const HttpAnswer& answer) { erased = answer; });
  world.run_ms(kWorkMs / 2);
  EXPECT_FALSE(erased) << "its document is still with a worker";
  EXPECT_EQ(world.bob->close_code(), 4409);
  world.run_ms(5 * kWorkMs);
  ASSERT_TRUE(erased);
  EXPECT_EQ(world.join("cleo").text(), "");
}

TEST(LongUpdate, IsSavedBeforeTheServerStops) {
  Busy world;
  world.paste();
  world.platform().stop(10'000);
  world.run_ms(kWorkMs / 2);
  EXPECT_TRUE(world.ann->connected());
  ASSERT_TRUE(world.run_until([&] { return world.platform().finished(); }, 9'000));
  EXPECT_TRUE(world.ann->acknowledged().structs.contains(world.ann->id(), 0, 5'000));
}

TEST(LongUpdate, ThatAPowerCutTakesIsSentAgain) {
  Busy world;
  world.paste();
  world.kill();
  world.start();
  world.run_ms(10'000);
  world.expect_in_the_end(kPasted);
}

TEST(LongUpdate, KeepsAnIdleRoomAwake) {
  sim::Setup setup = slow_workers();
  setup.limits.hibernate_after_ms = 100;
  Busy world(setup);
  world.scene().weather.worker = {5'000 * kMs, 5'000 * kMs};
  world.paste();
  world.run_ms(4'000);
  EXPECT_EQ(world.metric("freshet_hibernations_total"), 0);
  world.expect_in_the_end(kPasted);
}

TEST(LongUpdate, TooMuchBehindItIsSentAwayAndComesBack) {
  Busy world(slow_workers(4'000));
  world.paste();
  for (int i = 0; i < 20; ++i) world.bob->type(std::string(900, 'b'));
  world.run_ms(50);
  EXPECT_EQ(world.bob->close_code(), 4503);
  EXPECT_TRUE(world.ann->connected());
  world.run_ms(60'000);
  world.check_calm();
}

TEST(LongUpdate, BehindAnotherIsNextInLine) {
  Busy world;
  world.paste();
  world.bob->type(std::string(5'000, 'b'));
  world.ann->type("end");
  world.run_ms(3 * kWorkMs);
  EXPECT_EQ(world.metric("freshet_long_updates_total"), 2);
  EXPECT_EQ(world.bob->text().size(), 10'003u);
  world.run_ms(20'000);
  world.check_calm();
}

TEST(LongUpdate, ALargeDocumentIsAlsoWrittenOnAWorker) {
  sim::Setup setup = slow_workers();
  setup.limits.turn_bytes = 100;
  World world(setup);
  SimClient &ann = world.join("ann"), &cleo = world.join("cleo", "other");
  for (int i = 0; i < 150; ++i) ann.type_at(0, "x");  // each an item of its own
  world.settle();
  const size_t before = world.platform().threads().pushed("load");
  SimClient& late = world.join("late");
  EXPECT_EQ(late.text().size(), 150u);
  EXPECT_EQ(world.platform().threads().pushed("load"), before + 1);
  cleo.type("y");
  world.join("dan", "other");
  EXPECT_EQ(world.platform().threads().pushed("load"), before + 1)
      << "a small one is written at once";
  world.run_ms(20'000);
  world.check_calm();
  EXPECT_TRUE(world.verdict().clean()) << world.verdict().summary();
}

// ---- memory

Setup with(FailingEngine& engine) {
  Setup setup = slow_workers();
  setup.wrap_crdt = [&](const freshet_crdt* real) { return engine.wrap(real); };
  return setup;
}

void expect_nothing_lost(World& world, const std::string& text) {
  world.run_ms(60'000);
  world.check_calm();
  for (const auto& client : world.clients()) EXPECT_TRUE(client->text() == text);
  EXPECT_TRUE(world.verdict().clean()) << world.verdict().summary();
}

TEST(Memory, AnUpdateThatHasNoneEndsItsSessionAndNoOther) {
  for (const size_t size : {10u, 5'000u}) {
    FailingEngine engine;
    World world(with(engine));
    SimClient &ann = world.join("ann"), &bob = world.join("bob");
    engine.fail_apply(FRESHET_RETRY);
    ann.type(std::string(size, 'x'));
    world.run_ms(100);
    EXPECT_EQ(ann.close_code(), 4503);
    EXPECT_TRUE(bob.connected());
    EXPECT_TRUE(bob.text().empty());
    expect_nothing_lost(world, std::string(size, 'x'));
  }
}

TEST(Memory, ADocumentThatIsHalfChangedIsServedToNobody) {
  for (const size_t size : {10u, 5'000u}) {
    FailingEngine engine;
    World world(with(engine));
    SimClient &ann = world.join("ann"), &bob = world.join("bob");
    bob.type("before ");
    world.settle();
    const uint64_t loads = world.store().count().loads;
    engine.fail_apply(FRESHET_INTERNAL);
    ann.type(std::string(size, 'x'));
    world.run_ms(100);
    EXPECT_EQ(ann.close_code(), 4500);
    EXPECT_EQ(bob.close_code(), 4500);
    world.run_ms(60'000);
    EXPECT_GT(world.store().count().loads, loads) << "it was read again";
    world.check_calm();
    EXPECT_EQ(bob.text().size(), 7 + size);
    EXPECT_TRUE(world.verdict().clean()) << world.verdict().summary();
  }
}

TEST(Memory, ThatRunsOutInsideARoomClosesThatRoomOnly) {
  FailingEngine engine;
  World world(with(engine));
  SimClient &ann = world.join("ann"), &cleo = world.join("cleo", "other");
  ann.type("kept");
  world.settle();
  engine.run_out();
  world.client({.name = "bob"}).go_online();
  world.run_ms(100);
  EXPECT_EQ(ann.close_code(), 4500);
  EXPECT_TRUE(cleo.connected());
  EXPECT_TRUE(world.logged("room \"r\" is closed, to be read again from the store"));
  cleo.go_offline();
  world.run_ms(60'000);
  world.check_calm();
  EXPECT_EQ(ann.text(), "kept");
}

TEST(Memory, ThatIsNotThereToLetSomebodyInSendsItAwayUntilItIs) {
  FailingEngine engine;
  World world(with(engine));
  SimClient& ann = world.join("ann");
  ann.type("kept");
  world.settle();
  engine.fail_state_vector(FRESHET_RETRY);
  SimClient& bob = world.client({.name = "bob"});
  bob.go_online();
  world.run_ms(100);
  EXPECT_EQ(bob.close_code(), 4503);
  EXPECT_TRUE(ann.connected());
  expect_nothing_lost(world, "kept");
}

Setup with_documents_of(size_t bytes) {
  Setup setup = slow_workers();
  setup.limits.update_bytes = size_t{1} << 20;
  setup.limits.documents_bytes = bytes;
  return setup;
}

TEST(Memory, OfAllDocumentsIsBoundedBeforeAnUpdateIsTaken) {
  World world(with_documents_of(300'000));
  SimClient &ann = world.join("ann"), &bob = world.join("bob", "other");
  SimClient& greedy = world.client({.name = "greedy", .room = "big", .comes_back = false});
  greedy.go_online();
  world.settle();
  ann.type("small");
  for (int i = 0; i < 20; ++i) {
    greedy.type(std::string(20'000, 'x'));
    world.run_ms(10);
    // What grows by doubling may pass it once.
    EXPECT_LE(world.metric("freshet_documents_bytes"), 450'000);
  }
  world.settle();
  EXPECT_EQ(greedy.close_code(), 4503);
  EXPECT_TRUE(world.logged("limits.documents_bytes"));
  EXPECT_TRUE(ann.connected());
  bob.type("still");
  world.settle();
  EXPECT_TRUE(bob.acknowledged().structs.contains(bob.id(), 0, 5));
}

TEST(Memory, ThatIsNotThereForARoomRefusesItUntilItIs) {
  World world(with_documents_of(150'000));
  SimClient& ann = world.join("ann", "first");
  for (int i = 0; i < 3; ++i) ann.type(std::string(20'000, 'x')), world.settle();
  ann.go_offline();
  world.run_ms(10'000);
  SimClient& bob = world.join("bob", "second");
  for (int i = 0; i < 3; ++i) bob.type(std::string(20'000, 'x')), world.settle();
  ASSERT_TRUE(bob.connected());
  ann.go_online();
  world.run_ms(3'000);
  EXPECT_FALSE(ann.synced()) << world.metric("freshet_documents_bytes");
  EXPECT_EQ(ann.close_code(), 4508);
  EXPECT_TRUE(world.logged("limits.documents_bytes"));
  EXPECT_LE(world.metric("freshet_documents_bytes"), 150'000);
  bob.go_offline();
  world.run_ms(60'000);
  EXPECT_TRUE(ann.synced());
  EXPECT_EQ(ann.text().size(), 60'000u);
}

TEST(Memory, IsGivenBackByRoomsThatAreGone) {
  World world(with_documents_of(size_t{1} << 20));
  SimClient& ann = world.join("ann");
  ann.type(std::string(20'000, 'x'));
  world.settle();
  EXPECT_GT(world.metric("freshet_documents_bytes"), 20'000);
  ann.go_offline();
  world.run_ms(20'000);
  EXPECT_EQ(world.metric("freshet_rooms_loaded"), 0);
  EXPECT_EQ(world.metric("freshet_documents_bytes"), 0);
}

}  // namespace
}  // namespace freshet::sim
