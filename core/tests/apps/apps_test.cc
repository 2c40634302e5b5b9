// What apps are told of rooms, in which order, and what becomes of apps that do not answer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "freshet/testing.h"
#include "sim/plugins/sim_app.h"
#include "sim/world.h"

namespace freshet::sim {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr uint32_t bit(uint32_t kind) { return 1u << kind; }

Setup with(SimApp& app, Limits limits = {}) {
  Setup setup;
  setup.limits = limits;
  setup.apps = {app.table()};
  return setup;
}

SimApp wanting(uint32_t notices, uint32_t states = 0, bool first = false) {
  return SimApp(
      {sizeof(freshet_app_wants), notices, states, static_cast<uint8_t>(first ? 1 : 0), 0});
}

constexpr uint32_t kComings = bit(FRESHET_USER_CONNECTED) | bit(FRESHET_USER_DISCONNECTED);

TEST(Apps, HearOfEachSessionOnceAndOfTheRoomsEndLast) {
  SimApp app = wanting(kComings | bit(FRESHET_ROOM_DELETED));
  World world(with(app));
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  bob.go_offline();
  world.settle();
  ann.go_offline();
  world.run_ms(60'000);
  EXPECT_THAT(app.heard, ElementsAre("connected r", "connected r", "disconnected r",
                                     "disconnected r", "deleted r"));
  EXPECT_EQ(app.sessions[1], app.sessions[2]);
  EXPECT_EQ(app.sessions[0], app.sessions[3]);
  EXPECT_EQ(app.sessions[4], 0u);
}

TEST(Apps, ThatFailInOneWayAndThenInAnotherAreToldOfBoth) {
  SimApp app = wanting(kComings);
  app.answer = Status::internal;
  Limits limits;
  limits.app_deadline_ms = 1'000;
  World world(with(app, limits));
  world.join("ann");
  world.settle();
  EXPECT_TRUE(world.logged("sim-app.notice answered \"internal\", about room \"r\""));
  app.hold(true);
  world.join("bob");
  world.run_ms(3'000);
  EXPECT_TRUE(world.logged("sim-app.notice has not answered for"));
}

TEST(Apps, ThatKeepFailingAreLeftAloneAndRoomsGoOn) {
  SimApp app = wanting(kComings);
  app.answer = Status::internal;
  auto setup = with(app);
  setup.plugin_limits = {.failures = 2, .pause_ms = 10'000};
  World world(setup);
  world.join("ann");
  world.join("bob");
  EXPECT_TRUE(world.logged("sim-app.notice has failed 2 times in a row: it is left alone"));
  SimClient& cho = world.join("cho");
  cho.type("hello");
  world.settle();
  EXPECT_TRUE(cho.synced());
  EXPECT_EQ(app.heard.size(), 2u);
  app.answer = Status::ok;
  world.run_ms(10'000);
  world.join("dan");
  world.settle();
  EXPECT_THAT(app.heard, ElementsAre("connected r", "connected r", "connected r"));
  EXPECT_TRUE(world.logged("sim-app.notice answers again"));
}

TEST(Apps, GetTheDocumentWithWhatTheyWantItWith) {
  SimApp app = wanting(SimApp::kEverything & ~bit(FRESHET_ROOM_MESSAGE),
                       bit(FRESHET_USER_DISCONNECTED) | bit(FRESHET_ROOM_DELETED));
  World world(with(app));
  SimClient& ann = world.join("ann");
  ann.type("hello");
  world.settle();
  ann.go_offline();
  world.run_ms(60'000);
  EXPECT_THAT(app.heard, ElementsAre("connected r", "updated r", "disconnected r \"hello\"",
                                     "deleted r \"hello\""));
}

TEST(Apps, HearOfEditsNoMoreOftenThanConfigured) {
  SimApp app = wanting(bit(FRESHET_STORAGE_UPDATED), bit(FRESHET_STORAGE_UPDATED));
  Limits limits;
  limits.app_storage_ms = 10'000;
  World world(with(app, limits));
  SimClient& ann = world.join("ann");
  for (int i = 0; i < 300; ++i) {
    ann.type("x");
    world.run_ms(100);
  }
  EXPECT_GE(app.heard.size(), 3u);
  EXPECT_LE(app.heard.size(), 4u);
  world.run_ms(15'000);
  EXPECT_EQ(app.heard.back(), "updated r \"" + std::string(300, 'x') + '"');
  const size_t heard = app.heard.size();
  world.run_ms(60'000);
  EXPECT_EQ(app.heard.size(), heard) << "nothing has changed since";
}

TEST(Apps, HearOfTheLastEditBeforeTheRoomsEnd) {
  SimApp app = wanting(bit(FRESHET_STORAGE_UPDATED) | bit(FRESHET_ROOM_DELETED),
                       bit(FRESHET_STORAGE_UPDATED) | bit(FRESHET_ROOM_DELETED));
  Limits limits;
  limits.app_storage_ms = 3'600'000;
  limits.linger_ms = 1'000;
  World world(with(app, limits));
  SimClient& ann = world.join("ann");
  ann.type("a");
  world.settle();
  ann.type("b");
  world.settle();
  ann.go_offline();
  world.run_ms(10'000);
  EXPECT_THAT(app.heard, ElementsAre("updated r \"ab\"", "deleted r \"ab\""));
}

TEST(Apps, HearOfTheEndOfARoomLargerThanTheirBound) {
  SimApp app = wanting(bit(FRESHET_ROOM_DELETED), bit(FRESHET_ROOM_DELETED));
  Limits limits;
  limits.app_bytes = 64 << 10;
  limits.linger_ms = 1'000;
  World world(with(app, limits));
  SimClient& ann = world.join("ann");
  const std::string text(200'000, 'x');
  ann.type(text);
  world.settle();
  ann.go_offline();
  world.run_ms(10'000);
  EXPECT_THAT(app.heard, ElementsAre("deleted r \"" + text + '"'));
}

TEST(Apps, HearOfTheLastEditsBeforeTheServerStops) {
  SimApp app = wanting(bit(FRESHET_STORAGE_UPDATED), bit(FRESHET_STORAGE_UPDATED));
  Limits limits;
  limits.app_storage_ms = 3'600'000;
  World world(with(app, limits));
  SimClient &ann = world.join("ann"), &bob = world.join("bob", "other");
  ann.type("a");
  bob.type("b");
  world.settle();
  ann.type("c");
  world.settle();
  EXPECT_THAT(app.heard, IsEmpty());
  world.platform().stop(10'000);
  EXPECT_TRUE(world.run_until([&] { return world.platform().finished(); }, 5'000));
  EXPECT_THAT(app.heard, UnorderedElementsAre("updated r \"ac\"", "updated other \"b\""));
}

TEST(Apps, HearOfSleepingRoomsWhatTheStoreHas) {
  SimApp app = wanting(SimApp::kEverything & ~bit(FRESHET_ROOM_MESSAGE), SimApp::kEverything);
  Limits limits;
  limits.hibernate_after_ms = 3'000;
  World world(with(app, limits));
  SimClient& ann = world.join("ann");
  ann.type("hello");
  world.run_ms(20'000);
  app.heard.clear();
  ann.go_offline();
  world.run_ms(60'000);
  EXPECT_THAT(app.heard, ElementsAre("disconnected r \"hello\"", "deleted r \"hello\""));
  EXPECT_EQ(world.metric("freshet_hibernations_total"), 1);
}

TEST(Apps, HearMessagesInOrderWithTheirSession) {
  SimApp app = wanting(bit(FRESHET_ROOM_MESSAGE) | bit(FRESHET_USER_CONNECTED));
  World world(with(app));
  SimClient& ann = world.join("ann");
  app.heard.clear();
  const uint64_t session = app.sessions.at(0);
  ann.show(R"({"x":1})");
  world.settle();
  ann.type("a");
  world.settle();
  ann.show(std::nullopt);
  world.settle();
  EXPECT_THAT(app.heard, ElementsAre(R"(presence r {"x":1})", "update r", "presence r "));
  EXPECT_EQ(app.sessions.back(), session);
}

TEST(Apps, AreToldOneThingAtATimeInEachRoom) {
  SimApp app = wanting(kComings);
  World world(with(app));
  app.hold(true);
  world.join("ann");
  world.join("bob");
  world.join("cid", "other");
  world.settle();
  EXPECT_THAT(app.heard, ElementsAre("connected r", "connected other"));
  app.hold(false);
  world.settle();
  EXPECT_EQ(app.heard.size(), 3u);
}

TEST(Apps, ThatHangHoldUpNobodyAndAreToldTheRestLater) {
  SimApp app = wanting(kComings);
  World world(with(app));
  app.hold(true);
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  ann.type("a");
  world.run_ms(15'000);
  EXPECT_EQ(bob.text(), "a");
  EXPECT_THAT(app.heard, ElementsAre("connected r", "connected r")) << "the first is late by now";
  EXPECT_GE(world.metric("freshet_app_failures_total"), 1);
  EXPECT_TRUE(world.logged("sim-app.notice has not answered for"));
  EXPECT_TRUE(world.logged("about room \"r\""));
  bob.go_offline();
  world.settle();
  app.hold(false);
  world.settle();
  EXPECT_EQ(app.heard.back(), "disconnected r");
}

TEST(Apps, ThatNeverAnswerAreSoonToldNothingMore) {
  SimApp app = wanting(kComings);
  World world(with(app));
  app.hold(true);
  for (int i = 0; i < 60; ++i) world.join("a" + std::to_string(i), "room" + std::to_string(i));
  world.run_ms(120'000);
  const uint64_t shards = 2, at_once = 16;
  EXPECT_LE(app.heard.size(), shards * at_once);
  EXPECT_EQ(app.kept(), app.heard.size());
  app.hold(false);
  world.settle();
  EXPECT_EQ(app.heard.size(), 60u) << "nothing is lost within the bound";
}

TEST(Apps, LoseMessagesFirstAndTheLossIsCounted) {
  SimApp app = wanting(SimApp::kEverything);
  Limits limits;
  limits.app_bytes = 128 << 10;  // 16 KiB of messages for each of two shards
  World world(with(app, limits));
  SimClient& ann = world.join("ann");
  app.hold(true);
  for (int i = 0; i < 100; ++i) {
    ann.type(std::string(500, 'x'));
    world.run_ms(50);
  }
  ann.go_offline();
  world.run_ms(2'000);
  EXPECT_GT(world.metric("freshet_app_dropped_total"), 0);
  EXPECT_LE(world.metrics().get(FRESHET_GAUGE, "freshet_app_waiting_bytes", "")->get(), 128 << 10);
  app.hold(false);
  world.run_ms(10'000);
  EXPECT_THAT(app.heard, ::testing::Contains("disconnected r"));
  EXPECT_LT(app.heard.size(), 60u);
  EXPECT_EQ(world.metrics().get(FRESHET_GAUGE, "freshet_app_waiting_bytes", "")->get(), 0);
}

TEST(Apps, HearOfAQuietRoomWhileALoudOneHasItsShareWaiting) {
  SimApp app = wanting(SimApp::kEverything & ~bit(FRESHET_STORAGE_UPDATED));
  Limits limits;
  limits.app_bytes = 256 << 10;
  sim::Setup setup = with(app, limits);
  setup.shards = 1;
  World world(setup);
  SimClient& loud = world.join("loud", "loud");
  SimClient& quiet = world.join("quiet", "quiet");
  app.hold(true);
  for (int i = 0; i < 200; ++i) {
    loud.type(std::string(1'000, 'x'));
    world.run_ms(20);
  }
  EXPECT_GT(world.metric("freshet_app_dropped_total"), 0);
  for (int i = 0; i < 10; ++i) {
    quiet.type("q");
    world.run_ms(20);
  }
  app.hold(false);
  world.run_ms(10'000);
  EXPECT_EQ(std::ranges::count(app.heard, "update quiet"), 10);
}

// Says what an SDK author would write, and throws.
class Thrower final : public App {
 public:
  AppWants wants() override { return {.notices = kComings}; }
  Status notice(const freshet_notice&) override { throw std::runtime_error("on fire"); }
};

TEST(Apps, ThatThrowAreCounted) {
  Thrower thrower;
  ::freshet::testing::FakeHost host;
  const Bound<App> bound(thrower, host.host());
  World world({.apps = {bound.table()}});
  world.join("ann");
  world.settle();
  EXPECT_EQ(world.metric("freshet_app_failures_total"), 1);
}

TEST(Apps, HearOfEverybodyBeforeTheServerStops) {
  SimApp app = wanting(kComings);
  World world(with(app));
  world.join("ann");
  world.join("bob");
  app.hold(true);
  world.platform().stop(10'000);
  world.run_ms(2'000);
  EXPECT_FALSE(world.platform().finished()) << "the app has not heard it all";
  app.hold(false);
  EXPECT_TRUE(world.run_until([&] { return world.platform().finished(); }, 2'000));
  EXPECT_THAT(app.heard,
              ElementsAre("connected r", "connected r", "disconnected r", "disconnected r"));
}

// ---- first states

TEST(InitialStorage, IsWhatANewRoomBeginsWith) {
  SimApp app = wanting(0, 0, true);
  app.first["r"] = "hello";
  World world(with(app));
  EXPECT_EQ(world.join("ann").text(), "hello");
  EXPECT_EQ(world.join("bob", "other").text(), "");
  EXPECT_THAT(app.asked, ElementsAre("r", "other"));
}

TEST(InitialStorage, IsStoredAndNotAskedForAgain) {
  SimApp app = wanting(0, 0, true);
  app.first["r"] = "hello";
  World world(with(app));
  SimClient& ann = world.join("ann");
  world.settle();
  world.kill();
  world.start();
  world.run_ms(10'000);
  EXPECT_EQ(world.join("bob").text(), "hello");
  EXPECT_EQ(app.asked.size(), 1u);
  ann.type(" world");
  world.settle();
  world.run_ms(20'000);
  world.check_calm();
  EXPECT_TRUE(world.verdict().clean()) << world.verdict().summary();
}

// By a server on the same store: what it stored first is what the room begins with.
TEST(InitialStorage, GivesWayToWhatSomebodyElseBeganTheRoomWith) {
  SimApp app = wanting(0, 0, true);
  app.first["r"] = "mine";
  World world(with(app));
  world.join("first", "elsewhere");
  app.hold(true);
  SimClient& ann = world.client({.name = "ann"});
  ann.go_online();
  world.run_ms(1'000);
  StoredRoom& room = world.disk().rooms["r"];
  room.log.emplace(++room.last_seq, Author(7).type({"text"}, 0, "theirs"));
  app.hold(false);
  world.settle();
  EXPECT_EQ(ann.text(), "theirs");
  EXPECT_EQ(room.last_seq, 1u);
}

TEST(InitialStorage, WhoWaitsForItIsSentAwayWhileNothingCanBeStored) {
  SimApp app = wanting(0, 0, true);
  app.first["r"] = "hello";
  World world(with(app));
  world.join("first", "elsewhere");
  world.store().fail_appends(Status::retry);
  SimClient& ann = world.client({.name = "ann"});
  ann.go_online();
  EXPECT_TRUE(world.run_until([&] { return ann.close_code() == FRESHET_CLOSE_OVERLOADED; }));
  world.store().heal();
  world.settle();
  EXPECT_EQ(ann.text(), "hello");
}

TEST(InitialStorage, NobodyIsServedBeforeItIsSaved) {
  SimApp app = wanting(0, 0, true);
  app.first["r"] = "hello";
  World world(with(app));
  world.join("first", "elsewhere");
  app.hold(true);
  SimClient& ann = world.client({.name = "ann"});
  ann.go_online();
  world.run_ms(1'000);
  EXPECT_FALSE(ann.synced());
  world.store().hold(true);
  app.hold(false);
  world.run_ms(1'000);
  EXPECT_FALSE(ann.synced()) << "it would see what a crash takes back";
  world.store().hold(false);
  world.settle();
  EXPECT_TRUE(ann.synced());
  EXPECT_EQ(ann.text(), "hello");
}

TEST(InitialStorage, LargerThanADocumentMayBeFailsTheRoom) {
  SimApp app = wanting(0, 0, true);
  app.first["r"] = std::string(200'000, 'x');
  Limits limits;
  limits.document_bytes = 64 << 10;
  limits.update_bytes = 64 << 10;
  World world(with(app, limits));
  SimClient& ann = world.client({.name = "ann"});
  ann.go_online();
  world.settle();
  EXPECT_FALSE(ann.synced());
  EXPECT_TRUE(world.logged("room \"r\" cannot be loaded"));
}

TEST(InitialStorage, ThatFailsFailsTheRoomUntilItWorks) {
  SimApp app = wanting(0, 0, true);
  app.first["r"] = "hello";
  app.first_answer = Status::internal;
  World world(with(app));
  SimClient& ann = world.client({.name = "ann"});
  ann.go_online();
  world.settle();
  EXPECT_FALSE(ann.synced());
  EXPECT_EQ(ann.close_code(), 4508);
  EXPECT_GE(world.metric("freshet_room_loads_failed_total"), 1);
  app.first_answer = Status::ok;
  world.run_ms(20'000);
  EXPECT_EQ(ann.text(), "hello");
}

TEST(InitialStorage, ThatIsNoStateFailsTheRoom) {
  SimApp app = wanting(0, 0, true);
  app.first_bytes = {1, 2, 3, 4, 5};
  World world(with(app));
  SimClient& ann = world.client({.name = "ann"});
  ann.go_online();
  world.settle();
  EXPECT_FALSE(ann.synced());
  EXPECT_EQ(ann.close_code(), 4508);
  EXPECT_TRUE(world.logged("room \"r\" cannot be loaded"));
}

TEST(InitialStorage, ThatDoesNotComeFailsTheRoom) {
  SimApp app = wanting(0, 0, true);
  World world(with(app));
  app.hold(true);
  SimClient& ann = world.client({.name = "ann"});
  ann.go_online();
  world.run_ms(12'000);
  EXPECT_EQ(ann.close_code(), 4508);
  app.hold(false);
  world.run_ms(10'000);
  EXPECT_TRUE(ann.synced());
}

TEST(InitialStorage, AnEmptyOneIsNone) {
  SimApp app = wanting(0, 0, true);
  app.first_bytes = {0, 0};
  World world(with(app));
  SimClient& ann = world.join("ann");
  ann.type("a");
  world.settle();
  EXPECT_EQ(world.join("bob").text(), "a");
}

TEST(InitialStorage, IsAskedForAfterWhatTheAppWasToBeToldBefore) {
  SimApp app = wanting(kComings, 0, true);
  Limits limits;
  limits.linger_ms = 0;
  World world(with(app, limits));
  SimClient& ann = world.join("ann");  // nothing is ever written: the store never knows the room
  app.hold(true);
  ann.go_offline();
  world.run_ms(5'000);
  SimClient& bob = world.client({.name = "bob"});
  bob.go_online();
  world.run_ms(2'000);
  EXPECT_EQ(app.asked.size(), 1u);
  EXPECT_EQ(app.heard.back(), "disconnected r");
  app.hold(false);
  world.settle();
  EXPECT_EQ(app.asked.size(), 2u);
  EXPECT_TRUE(bob.synced());
}

}  // namespace
}  // namespace freshet::sim
