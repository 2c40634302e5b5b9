// When there is too much: presence gives first, then updates, then newcomers; and of memory the
// documents that nobody has used for longest.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/world.h"

namespace freshet::sim {
namespace {

struct Overloaded : World {
  explicit Overloaded(Setup setup = {.shards = 1}) : World(std::move(setup)) {}

  void late_ms(uint64_t ms) {
    scene().weather.timer_late = {ms * kMs, ms * kMs};
    run_ms(4'000);
  }
  void memory_percent(uint64_t percent) {
    scene().weather.memory_percent = percent;
    run_ms(3'000);
  }
  // Somebody who does not come back by itself.
  SimClient& knock(const std::string& name, const std::string& room = "r") {
    SimClient& client = this->client({.name = name, .room = room, .comes_back = false});
    client.go_online();
    run_ms(1'000);
    return client;
  }
  bool loaded(const std::string& room) {
    return get({.role = FRESHET_ADMIN, .target = "/rooms/" + room})
               .body.find("\"state\": \"live\"") != std::string::npos;
  }
  // A room with some content, and nobody in it any more.
  void leave_room(const std::string& room) {
    SimClient& client = join("of-" + room, room);
    client.type(std::string(1'000, 'x'));
    run_ms(500);
    client.go_offline();
    run_ms(500);
  }
};

TEST(Overload, PresenceGivesFirstAndTheLatestIsSeen) {
  Overloaded world;
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  world.run_ms(1'000);
  const auto second_of_moving = [&] {
    const size_t before = bob.received.awareness;
    for (int i = 0; i < 100; ++i) {
      ann.show("{\"at\":" + std::to_string(i) + "}");
      world.run_ms(10);
    }
    world.run_ms(500);
    EXPECT_EQ(bob.present()[ann.id()], "{\"at\":99}");
    return bob.received.awareness - before;
  };
  EXPECT_GE(second_of_moving(), 50u);
  world.late_ms(30);
  EXPECT_EQ(world.metric("freshet_shards_strained"), 1);
  EXPECT_EQ(world.metric("freshet_shards_gathering"), 0);
  EXPECT_LE(second_of_moving(), 8u) << "its own renewals too";
  const size_t updates = bob.received.updates;
  for (int i = 0; i < 10; ++i) {
    ann.type("x");
    world.run_ms(40);
  }
  EXPECT_EQ(bob.received.updates - updates, 10u) << "updates go on";
  world.late_ms(0);
  EXPECT_EQ(world.metric("freshet_shards_strained"), 0);
  EXPECT_GE(second_of_moving(), 50u);
}

TEST(Overload, ThenUpdatesAreGatheredAndWhatIsSavedIsToldAsEver) {
  Overloaded world;
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  world.run_ms(1'000);
  const auto second_of_typing = [&] {
    const size_t before = bob.received.updates;
    for (int i = 0; i < 100; ++i) {
      const uint64_t clock = ann.author().length({"text"});
      ann.type("x");
      world.run_ms(10);
      EXPECT_TRUE(ann.acknowledged().structs.contains(ann.id(), clock, 1)) << i;
    }
    world.run_ms(500);
    EXPECT_EQ(bob.text(), ann.text());
    return bob.received.updates - before;
  };
  EXPECT_GE(second_of_typing(), 90u);
  world.late_ms(60);
  EXPECT_EQ(world.metric("freshet_shards_gathering"), 1);
  EXPECT_LE(second_of_typing(), 12u);
}

TEST(Overload, ThenNewcomersAreSentAwayUntilItIsOver) {
  Overloaded world;
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  world.late_ms(250);
  EXPECT_EQ(world.metric("freshet_shards_refusing"), 1);
  EXPECT_EQ(world.knock("late").close_code(), 4503);
  EXPECT_EQ(world.knock("later", "another").close_code(), 4503);
  EXPECT_EQ(world.metric("freshet_joins_refused_overload_total"), 2);
  EXPECT_TRUE(world.logged("shard: shard 0 is 250 ms behind with its work"));
  ann.type("still here");
  world.settle();
  EXPECT_EQ(bob.text(), "still here");
  SimClient& patient = world.client({.name = "patient"});
  patient.go_online();
  world.run_ms(2'000);
  EXPECT_FALSE(patient.synced());
  world.late_ms(0);
  EXPECT_TRUE(world.run_until([&] { return patient.synced(); }, 10'000));
  EXPECT_EQ(patient.text(), "still here");
}

TEST(Overload, AProcessThatStoodStillOnceSendsNobodyAway) {
  Overloaded world;
  world.join("ann");
  world.scene().weather.timer_late = {1'500 * kMs, 1'500 * kMs};
  world.run_ms(100);
  world.scene().weather.timer_late = {0, 0};
  world.run_ms(1'450);
  EXPECT_TRUE(world.knock("bob").synced());
  EXPECT_EQ(world.metric("freshet_shards_strained"), 0);
}

// ---- memory

TEST(MemoryCeiling, WhatNobodyUsesGoesAndWhatIsInUseStays) {
  Overloaded world;
  for (const char* room : {"first", "second", "third"}) world.leave_room(room);
  world.join("ann", "busy").type("x");
  world.run_ms(1'000);
  EXPECT_TRUE(world.loaded("first") && world.loaded("second") && world.loaded("third"));
  world.memory_percent(70);  // of what there is; 87 of the ceiling
  EXPECT_FALSE(world.loaded("first"));
  EXPECT_TRUE(world.loaded("busy"));
  EXPECT_EQ(world.metric("freshet_documents_let_go_total"), 3);
  EXPECT_TRUE(world.knock("bob", "first").synced()) << "and may be opened again";
}

TEST(MemoryCeiling, TheLeastUsedGoFirstAndNoMoreThanIsWanted) {
  sim::Setup setup{.shards = 1};
  setup.limits.documents_bytes = 100'000;
  Overloaded world(setup);
  std::vector<std::string> rooms;
  for (int i = 0; world.metric("freshet_documents_let_go_total") == 0 && i < 100; ++i) {
    rooms.push_back("room" + std::to_string(i));
    world.leave_room(rooms.back());
    world.run_ms(1'000);
  }
  ASSERT_GT(rooms.size(), 4u);
  EXPECT_FALSE(world.loaded(rooms[0]));
  EXPECT_TRUE(world.loaded(rooms[rooms.size() - 1]));
  EXPECT_TRUE(world.loaded(rooms[rooms.size() - 2]));
}

TEST(MemoryCeiling, ADocumentThatNobodyTouchesGoesWhileItsPeopleStay) {
  Overloaded world;
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  ann.type("a");
  world.run_ms(20'000);
  world.memory_percent(70);
  EXPECT_EQ(world.metric("freshet_hibernations_total"), 1);
  ann.type("b");
  world.settle();
  EXPECT_EQ(bob.text(), "ab");
  EXPECT_EQ(world.metric("freshet_hibernations_total"), 1) << "it is in use";
}

TEST(MemoryCeiling, NearItRoomsAreRefusedAndAboveItEverybody) {
  Overloaded world;
  SimClient& ann = world.join("ann");
  ann.type("x");
  world.run_ms(1'000);
  world.memory_percent(77);
  EXPECT_TRUE(world.knock("bob").synced()) << "it takes no document";
  EXPECT_EQ(world.knock("cleo", "another").close_code(), 4503);
  EXPECT_TRUE(world.logged("memory: the server takes 788 MiB of the 819 MiB it may have: rooms"));
  world.memory_percent(81);
  EXPECT_EQ(world.knock("dan").close_code(), 4503);
  EXPECT_EQ(world.metric("freshet_joins_refused_memory_total"), 2);
  ann.type("y");
  world.settle();
  EXPECT_TRUE(ann.connected());
  EXPECT_TRUE(ann.acknowledged().structs.contains(ann.id(), 1, 1));
  world.memory_percent(74);
  EXPECT_TRUE(world.knock("eve").synced());
  EXPECT_EQ(world.knock("fay", "another").close_code(), 4503) << "not at the brink";
  world.memory_percent(70);
  EXPECT_TRUE(world.knock("fay", "another").synced());
}

TEST(MemoryCeiling, AboveItWhoReadsSlowlyIsConflatedEarlier) {
  sim::Setup setup{.shards = 1};
  setup.limits.reader_bytes = 8'000;
  Overloaded world(setup);
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  bob.read_speed(0);
  const auto say_something = [&] {
    ann.type(std::string(1'000, 'x'));
    world.run_ms(500);
  };
  for (int i = 0; i < 4; ++i) say_something();
  EXPECT_EQ(world.metric("freshet_lagging_readers_total"), 0);
  world.memory_percent(85);
  say_something();
  EXPECT_EQ(world.metric("freshet_lagging_readers_total"), 1);
}

TEST(MemoryCeiling, ForANewRoomTheLeastUsedMakesPlace) {
  sim::Setup setup{.shards = 1};
  setup.limits.rooms = 3;
  Overloaded world(setup);
  for (const char* room : {"first", "second", "third"}) world.leave_room(room);
  world.join("again", "first").go_offline();
  world.run_ms(500);
  world.join("ann", "fourth");
  EXPECT_TRUE(world.loaded("first"));
  EXPECT_FALSE(world.loaded("second"));
  EXPECT_TRUE(world.loaded("third"));
}

}  // namespace
}  // namespace freshet::sim
