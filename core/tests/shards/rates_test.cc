// Who sends or joins too much in a short time: what a peer of it sees, and what the others do.
#include <gtest/gtest.h>

#include "freshet/abi/close.h"
#include "sim/plugins/sim_auth.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

// Connections on the shard of their room, and on others: the same must hold.
class Rates : public ::testing::TestWithParam<Movable> {
 protected:
  sim::Setup setup() {
    // With this many shards, a connection that cannot move is elsewhere than its room nearly
    // always.
    return {.shards = GetParam() == Movable::yes ? 2u : 16u, .limits = limits, .auth = &auth};
  }
  ClientOptions options(const std::string& name, const std::string& user,
                        const std::string& room = "r") {
    return {.name = name, .room = room, .query = "token=w&user=" + user, .movable = GetParam()};
  }
  SimClient& join(World& world, const std::string& name, const std::string& user,
                  const std::string& room = "r") {
    return world.join(options(name, user, room));
  }
  // One that stays away once it was closed.
  static SimClient& knock(World& world, ClientOptions options) {
    options.comes_back = false;
    SimClient& client = world.client(std::move(options));
    client.go_online();
    world.run_until([&] { return client.synced() || client.close_code() != 0; }, 20'000);
    return client;
  }
  static void expect_closed(const SimClient& client, const std::string& reason) {
    EXPECT_EQ(client.close_code(), FRESHET_CLOSE_RATE) << client.options().name;
    EXPECT_EQ(client.close_reason, reason) << client.options().name;
  }
  static void expect_calm(World& world) {
    EXPECT_TRUE(world.run_until([&] { return world.calm(); }));
    world.run_ms(20'000);  // until everybody has renewed what it shows
    world.check_calm();
    EXPECT_TRUE(world.verdict().clean()) << world.verdict().summary();
  }
  static bool all_acknowledged(const SimClient& client, uint64_t letters) {
    return client.acknowledged().structs.contains(client.id(), 0, letters);
  }

  Limits limits;
  SimAuth auth;
};

INSTANTIATE_TEST_SUITE_P(HomeAndAway, Rates, ::testing::Values(Movable::yes, Movable::no),
                         [](const auto& test) {
                           return test.param == Movable::yes ? "Home" : "Away";
                         });

// ---- connections

TEST_P(Rates, AConnectionThatSendsTooManyBytesIsClosedAndItsUserComesBack) {
  limits.bytes_per_second = 1'000;
  World world(setup());
  SimClient& loud = join(world, "loud", "ann");
  SimClient& calm = join(world, "calm", "ann");
  for (int i = 0; i < 5; ++i) loud.type(std::string(1'500, 'x'));
  world.settle();
  EXPECT_TRUE(loud.connected()) << "ten seconds' worth may come at once";
  EXPECT_EQ(loud.close_code(), 0);
  for (int i = 0; i < 5; ++i) loud.type(std::string(1'500, 'x'));
  world.run_until([&] { return loud.close_code() != 0; });
  expect_closed(loud, "too many bytes in a short time");
  EXPECT_EQ(world.metric("freshet_bytes_limited_total"), 1);
  EXPECT_EQ(calm.close_code(), 0);
  expect_calm(world);
  EXPECT_EQ(calm.text(), std::string(15'000, 'x')) << "it came back and brought the rest";
}

TEST_P(Rates, APasteIsTakenWholeHoweverLowTheRate) {
  limits.bytes_per_second = 100;
  limits.user_bytes_per_second = 100;
  World world(setup());
  SimClient& ann = join(world, "ann", "ann");
  ann.type(std::string(50'000, 'x'));
  EXPECT_TRUE(world.run_until([&] { return all_acknowledged(ann, 50'000); }));
  EXPECT_EQ(ann.close_code(), 0);
  ann.type("y");
  world.run_until([&] { return ann.close_code() != 0; });
  expect_closed(ann, "too many bytes in a short time");
}

TEST_P(Rates, OfZeroAreNone) {
  limits.messages_per_second = limits.bytes_per_second = 0;
  limits.user_messages_per_second = limits.user_bytes_per_second = limits.user_joins_per_second = 0;
  limits.room_messages_per_second = limits.room_bytes_per_second = limits.room_joins_per_second = 0;
  World world(setup());
  SimClient& ann = join(world, "ann", "ann");
  for (int i = 0; i < 3'000; ++i) ann.type("x");
  for (int i = 0; i < 20; ++i) join(world, "more " + std::to_string(i), "ann");
  EXPECT_TRUE(world.run_until([&] { return all_acknowledged(ann, 3'000); }));
  EXPECT_EQ(ann.close_code(), 0);
}

// ---- users

TEST_P(Rates, AUserIsOneOverAllItsConnections) {
  limits.user_messages_per_second = 10;
  World world(setup());
  SimClient& laptop = join(world, "laptop", "ann", "one");
  SimClient& bob = join(world, "bob", "bob", "one");
  SimClient& phone = knock(world, options("phone", "ann", "other"));
  for (int i = 0; i < 60; ++i) laptop.type("x");
  for (int i = 0; i < 60; ++i) bob.type("y");
  world.settle();
  EXPECT_EQ(laptop.close_code(), 0);
  for (int i = 0; i < 70; ++i) phone.type("x");
  world.run_until([&] { return phone.close_code() != 0; });
  expect_closed(phone, "too many messages of this user in a short time");
  EXPECT_EQ(world.metric("freshet_user_messages_limited_total"), 1);
  EXPECT_TRUE(
      world.logged("user \"ann\": a connection was closed for more than "
                   "user_messages_per_second, 10"));
  EXPECT_EQ(bob.close_code(), 0);
  EXPECT_EQ(laptop.close_code(), 0) << "who sends nothing is not closed for the others";
  SimClient& again = knock(world, options("again", "ann", "one"));
  expect_closed(again, "too many messages of this user in a short time");
  world.run_ms(20'000);
  EXPECT_TRUE(knock(world, options("later", "ann", "one")).synced());
}

TEST_P(Rates, BytesOfAUserAreCountedTogetherToo) {
  limits.user_bytes_per_second = 1'000;
  World world(setup());
  SimClient& laptop = join(world, "laptop", "ann", "one");
  SimClient& phone = knock(world, options("phone", "ann", "other"));
  SimClient& bob = join(world, "bob", "bob", "other");
  laptop.type(std::string(6'000, 'x'));
  world.settle();
  for (int i = 0; i < 3; ++i) phone.type(std::string(6'000, 'x'));
  bob.type(std::string(6'000, 'y'));
  world.run_until([&] { return phone.close_code() != 0; });
  expect_closed(phone, "too many bytes of this user in a short time");
  EXPECT_EQ(world.metric("freshet_user_bytes_limited_total"), 1);
  EXPECT_EQ(bob.close_code(), 0);
}

TEST_P(Rates, AUserThatComesInALoopIsRefusedAndTheOthersAreNot) {
  limits.user_joins_per_second = 1;
  World world(setup());
  for (int i = 0; i < 10; ++i) {
    SimClient& ann = knock(world, options("ann " + std::to_string(i), "ann"));
    EXPECT_TRUE(ann.synced()) << i;
    ann.go_offline();
  }
  const uint64_t loads = world.store().count().loads;
  SimClient& refused = knock(world, options("ann", "ann", "a new room"));
  expect_closed(refused, "too many joins of this user in a short time");
  EXPECT_EQ(world.store().count().loads, loads) << "the room was never touched";
  EXPECT_EQ(world.metric("freshet_user_joins_limited_total"), 1);
  EXPECT_TRUE(knock(world, options("bob", "bob", "a new room")).synced());
  EXPECT_TRUE(join(world, "ann again", "ann").synced()) << "she comes back until she gets in";
}

TEST_P(Rates, WhoeverIsNobodyIsNotOneUser) {
  limits.user_messages_per_second = limits.user_bytes_per_second = limits.user_joins_per_second = 1;
  World world({.limits = limits});
  for (int i = 0; i < 30; ++i) {
    SimClient& client = world.join("client " + std::to_string(i));
    client.type("x");
  }
  world.settle();
  for (const auto& client : world.clients()) EXPECT_EQ(client->close_code(), 0);
}

// ---- rooms

TEST_P(Rates, ARoomThatAllJoinAtOnceTakesThemInTurns) {
  limits.room_joins_per_second = 1;
  World world(setup());
  std::vector<SimClient*> crowd;
  for (int i = 0; i < 14; ++i) {
    crowd.push_back(&world.client(options("c" + std::to_string(i), "u" + std::to_string(i))));
    crowd.back()->go_online();
  }
  world.settle();
  const auto refused = std::ranges::count_if(
      crowd, [](const SimClient* client) { return client->close_code() == FRESHET_CLOSE_RATE; });
  EXPECT_GE(refused, 3);
  EXPECT_GE(world.metric("freshet_room_joins_limited_total"), 3);
  EXPECT_TRUE(world.logged("room \"r\": gets more than room_joins_per_second, 1"));
  EXPECT_TRUE(knock(world, options("elsewhere", "bob", "other")).synced());
  for (SimClient* client : crowd) {
    if (client->close_code() != 0) {
      expect_closed(*client, "too many joins of this room in a short time");
    }
  }
  expect_calm(world);
  for (SimClient* client : crowd) EXPECT_TRUE(client->synced()) << "they come back";
}

TEST_P(Rates, ARoomThatHasLeftMemoryIsRemembered) {
  limits.room_joins_per_second = 1;
  limits.linger_ms = 0;
  World world(setup());
  for (int i = 0; i < 10; ++i) {
    SimClient& client = knock(world, options("c" + std::to_string(i), "u" + std::to_string(i)));
    EXPECT_TRUE(client.synced()) << i;
    client.go_offline();
  }
  world.run_ms(1'000);  // in which one more may come
  EXPECT_EQ(world.metrics().get(FRESHET_GAUGE, "freshet_rooms_loaded", "")->get(), 0);
  const uint64_t loads = world.store().count().loads;
  EXPECT_TRUE(knock(world, options("one", "one")).synced());
  expect_closed(knock(world, options("two", "two")), "too many joins of this room in a short time");
  EXPECT_EQ(world.store().count().loads, loads + 1);
}

// What a room's senders see of its rate: later acknowledgements, and nothing else.
void expect_slowed(World& world, SimClient& ann, SimClient& bob, SimClient& elsewhere,
                   const char* metric, size_t letters) {
  constexpr size_t kEdits = 150;
  for (size_t i = 0; i < kEdits; ++i) {
    ann.type(std::string(letters, 'a'));
    bob.type(std::string(letters, 'b'));
    world.run_ms(5);  // a pause takes its time to get to a connection on another shard
  }
  elsewhere.type("quick");
  world.run_ms(1'000);
  const uint64_t all = kEdits * letters;
  EXPECT_TRUE(elsewhere.acknowledged().structs.contains(elsewhere.id(), 0, 5));
  EXPECT_FALSE(ann.acknowledged().structs.contains(ann.id(), 0, all) &&
               bob.acknowledged().structs.contains(bob.id(), 0, all));
  world.run_ms(10'000);
  EXPECT_FALSE(ann.acknowledged().structs.contains(ann.id(), 0, all) &&
               bob.acknowledged().structs.contains(bob.id(), 0, all))
      << "200 more than ten seconds' worth, at ten a second";
  EXPECT_TRUE(world.run_until([&] {
    return ann.acknowledged().structs.contains(ann.id(), 0, all) &&
           bob.acknowledged().structs.contains(bob.id(), 0, all);
  })) << "nothing is lost";
  EXPECT_EQ(ann.text(), bob.text());
  EXPECT_EQ(ann.text().size(), 2 * all);
  EXPECT_GT(world.metric(metric), 0);
  for (const auto& client : world.clients()) EXPECT_EQ(client->close_code(), 0);
}

TEST_P(Rates, WhoSendsTooManyMessagesIntoARoomIsReadLaterAndLosesNothing) {
  limits.room_messages_per_second = 10;
  World world(setup());
  SimClient& ann = join(world, "ann", "ann");
  SimClient& bob = join(world, "bob", "bob");
  SimClient& elsewhere = join(world, "elsewhere", "ann", "other");
  world.settle();
  expect_slowed(world, ann, bob, elsewhere, "freshet_room_messages_limited_total", 1);
  EXPECT_TRUE(world.logged("room \"r\": gets more than room_messages_per_second, 10"));
  expect_calm(world);
}

TEST_P(Rates, WhoSendsTooManyBytesIntoARoomIsReadLaterAndLosesNothing) {
  limits.room_bytes_per_second = 2'000;
  World world(setup());
  SimClient& ann = join(world, "ann", "ann");
  SimClient& bob = join(world, "bob", "bob");
  SimClient& elsewhere = join(world, "elsewhere", "ann", "other");
  world.settle();
  expect_slowed(world, ann, bob, elsewhere, "freshet_room_bytes_limited_total", 180);
  EXPECT_TRUE(world.logged("room \"r\": gets more than room_bytes_per_second, 2000"));
  expect_calm(world);
}

TEST_P(Rates, WhoSendsNothingIntoABusyRoomIsReadAtOnce) {
  limits.room_messages_per_second = 10;
  World world(setup());
  SimClient& ann = join(world, "ann", "ann");
  SimClient& bob = join(world, "bob", "bob");
  world.settle();
  for (size_t i = 0; i < 200; ++i) {
    ann.type("a");
    world.run_ms(5);
  }
  bob.type("b");
  EXPECT_TRUE(world.run_until([&] { return all_acknowledged(bob, 1); }, 100));
  EXPECT_FALSE(all_acknowledged(ann, 200));
}

TEST_P(Rates, WhoIsPausedAndGoesHasSaidAllThatWasReceived) {
  limits.room_messages_per_second = 10;
  World world(setup());
  SimClient& ann = join(world, "ann", "ann");
  SimClient& bob = join(world, "bob", "bob");
  world.settle();
  for (size_t i = 0; i < 130; ++i) {
    ann.type("a");
    world.run_ms(5);
  }
  ann.go_offline();
  EXPECT_TRUE(world.run_until([&] { return bob.text() == std::string(130, 'a'); }));
  EXPECT_FALSE(bob.present().contains(ann.id()));
}

}  // namespace
}  // namespace freshet::sim
