// What an app refuses before it happens: nothing is left out alone, and nobody else waits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/apps/limits.h"
#include "core/audience/limits.h"
#include "freshet/abi/close.h"
#include "sim/plugins/sim_app.h"
#include "sim/world.h"

namespace freshet::sim {

namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

Setup asking(SimApp& app, Limits limits = {}) {
  sim::Setup setup;
  setup.limits = limits;
  setup.apps = {app.table()};
  return setup;
}

freshet_app_wants vetoing(uint32_t vetoes) {
  freshet_app_wants out{};
  out.size = sizeof(out);
  out.vetoes = vetoes;
  return out;
}

// Whatever has "no" in it.
Status no_no(std::string_view update) {
  return update.find("no") == update.npos ? Status::ok : Status::denied;
}
Status no_at_all(std::string_view) { return Status::denied; }

SimClient& online(World& world, const std::string& name) {
  SimClient& client = world.client({.name = name});
  client.go_online();
  return client;
}

TEST(Vetoes, NobodyIsAskedUnlessItAskedForThat) {
  SimApp app(vetoing(0));
  World world(asking(app));
  SimClient& ann = world.join("ann");
  ann.type("x");
  world.settle();
  EXPECT_THAT(app.intents, IsEmpty());
  EXPECT_EQ(ann.acknowledged().structs.end_of(ann.id()), 1u);
}

TEST(Vetoes, WhatIsAllowedGoesOnAsEver) {
  SimApp app(vetoing(FRESHET_VETO_JOIN | FRESHET_VETO_EDIT));
  World world(asking(app));
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  for (const char letter : std::string("hello")) ann.type(std::string(1, letter));
  world.settle();
  EXPECT_EQ(bob.text(), "hello");
  EXPECT_THAT(app.intents, Contains("join r").Times(2));
  EXPECT_THAT(app.intents, Contains("edit r").Times(5))
      << "those who come and have nothing new are not asked about";
  world.check_acknowledged();
  world.check_calm();
}

TEST(Vetoes, ARefusedEditIsNotDeliveredNorStoredNorAcknowledgedAndItsSessionEnds) {
  SimApp app(vetoing(FRESHET_VETO_EDIT));
  app.judge_intent = no_no;
  app.reason = "Nobody says no here.";
  World world(asking(app));
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  ann.type("a");
  world.settle();
  const uint64_t saved = ann.acknowledged().structs.end_of(ann.id());
  ann.type("no");
  // Of what it writes before it hears of that nothing is taken either: it would leave a gap.
  ann.type("b");
  ann.type("c");
  world.settle();
  EXPECT_EQ(ann.close_code(), FRESHET_CLOSE_REPLACED);
  EXPECT_EQ(ann.close_reason, "Nobody says no here.");
  EXPECT_EQ(ann.acknowledged().structs.end_of(ann.id()), saved);
  EXPECT_EQ(bob.text(), "a");
  bob.type("d");
  world.settle();
  SimClient& cid = world.join("cid");
  EXPECT_EQ(cid.text(), bob.text());
  EXPECT_EQ(bob.text().size(), 2u);
  EXPECT_EQ(world.metric("freshet_app_vetoes_total"), 1);
}

TEST(Vetoes, OthersDoNotWaitForTheQuestionOfOneAndItsOwnOrderStays) {
  SimApp app(vetoing(FRESHET_VETO_EDIT));
  app.holds_intent = [](std::string_view update) { return update.find('a') != update.npos; };
  World world(asking(app));
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  SimClient& cid = world.join("cid");
  world.settle();
  ann.type("a");
  ann.type("b");
  ann.show("{\"at\":2}");
  bob.type("c");
  world.run_ms(500);
  EXPECT_EQ(cid.text(), "c") << "bob had to wait, or ann did not";
  EXPECT_THAT(app.intents, ElementsAre("edit r", "edit r"))
      << "of what ann wrote the first is asked about, and the rest waits behind it";
  EXPECT_FALSE(cid.present().contains(ann.id()) && cid.present()[ann.id()] == "{\"at\":2}");
  app.holds_intent = nullptr;
  app.hold(false);
  world.settle();
  EXPECT_EQ(cid.text().size(), 3u);
  EXPECT_EQ(cid.text(), ann.text());
  EXPECT_EQ(cid.text(), bob.text());
  EXPECT_EQ(cid.present()[ann.id()], "{\"at\":2}");
  world.check_acknowledged();
  world.check_calm();
}

TEST(Vetoes, AnAppThatFailsTimeAndAgainIsLeftAloneAndNobodyWaitsForIt) {
  SimApp app(vetoing(FRESHET_VETO_EDIT));
  Limits limits;
  limits.veto_timeout_ms = 500;
  sim::Setup setup = asking(app, limits);
  setup.late_veto_allows = true;
  setup.plugin_limits = {.failures = 2, .pause_ms = 10'000};
  World world(setup);
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  world.settle();
  app.hold(true);
  ann.type("a");
  world.run_ms(2'000);
  ann.type("b");
  world.run_ms(2'000);
  EXPECT_EQ(bob.text(), "ab") << "the manifest allows what is late";
  EXPECT_EQ(app.intents.size(), 2u);
  ann.type("c");
  ann.type("d");
  world.run_ms(50);
  EXPECT_EQ(bob.text(), "abcd") << "it waited for an app that is left alone";
  EXPECT_EQ(app.intents.size(), 2u) << "it was asked all the same";
  EXPECT_EQ(world.metric("freshet_app_vetoes_late_total"), 4);

  app.hold(false);
  world.run_ms(10'000);
  app.judge_intent = no_no;
  ann.type("e");
  world.settle();
  EXPECT_EQ(app.intents.size(), 3u) << "one question tries it";
  ann.type("no");
  world.settle();
  EXPECT_EQ(ann.close_code(), FRESHET_CLOSE_REPLACED);
  EXPECT_EQ(bob.text(), "abcde");
}

TEST(Vetoes, AnAppThatIsLateIsTakenToRefuseUntilTheSessionComesAgain) {
  SimApp app(vetoing(FRESHET_VETO_EDIT));
  Limits limits;
  limits.veto_timeout_ms = 200;
  World world(asking(app, limits));
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  world.settle();
  app.hold(true);
  ann.type("late");
  world.run_ms(150);
  EXPECT_TRUE(ann.connected()) << "the time is not over";
  world.run_ms(100);
  EXPECT_FALSE(ann.connected());
  EXPECT_EQ(ann.close_code(), FRESHET_CLOSE_OVERLOADED);
  EXPECT_EQ(bob.text(), "");
  app.hold(false);
  world.run_ms(30'000);
  EXPECT_EQ(bob.text(), "late") << "nothing was wrong with it, and it came again";
  EXPECT_GE(world.metric("freshet_app_vetoes_late_total"), 1);
  world.check_acknowledged();
  world.check_calm();
}

TEST(Vetoes, AnAppThatIsLateIsTakenToAllowIfTheManifestSaysSo) {
  SimApp app(vetoing(FRESHET_VETO_EDIT | FRESHET_VETO_JOIN));
  Limits limits;
  limits.veto_timeout_ms = 200;
  sim::Setup setup = asking(app, limits);
  setup.late_veto_allows = true;
  World world(setup);
  app.hold(true);
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  ann.type("a");
  ann.type("b");
  world.settle();
  EXPECT_EQ(bob.text(), "ab");
  app.judge_intent = no_at_all;
  app.hold(false);
  world.settle();
  EXPECT_EQ(bob.text(), "ab") << "what it says too late is nothing";
  EXPECT_TRUE(ann.connected());
}

TEST(Vetoes, AnAppThatFailsCountsAsOneThatIsLate) {
  SimApp app(vetoing(FRESHET_VETO_EDIT));
  World world(asking(app));
  SimClient& ann = world.join("ann");
  world.settle();
  app.judge_intent = [](std::string_view) { return Status::internal; };
  ann.type("x");
  world.run_ms(500);
  EXPECT_EQ(ann.close_code(), FRESHET_CLOSE_OVERLOADED);
  app.judge_intent = nullptr;
  world.run_ms(30'000);
  EXPECT_TRUE(ann.connected());
  world.check_calm();
}

TEST(Vetoes, ARefusedJoinEndsBeforeAnythingIsTold) {
  SimApp app(vetoing(FRESHET_VETO_JOIN));
  app.reason = "full";
  World world(asking(app));
  SimClient& ann = world.join("ann");
  ann.type("secret");
  world.settle();
  app.judge_intent = no_at_all;
  SimClient& eve = online(world, "eve");
  world.settle();
  EXPECT_EQ(eve.close_code(), FRESHET_CLOSE_DENIED);
  EXPECT_EQ(eve.close_reason, "full");
  EXPECT_EQ(eve.received.messages, 0u);
  EXPECT_EQ(eve.text(), "");
}

TEST(Vetoes, WhoWaitsToComeInBringsAlongWhatItHasSentMeanwhile) {
  SimApp app(vetoing(FRESHET_VETO_JOIN));
  World world(asking(app));
  SimClient& ann = world.join("ann");
  world.settle();
  app.hold(true);
  SimClient& bob = online(world, "bob");
  world.run_ms(300);
  EXPECT_FALSE(bob.synced());
  bob.type("from bob");
  world.run_ms(300);
  EXPECT_EQ(ann.text(), "");
  app.hold(false);
  world.settle();
  EXPECT_EQ(ann.text(), "from bob");
  EXPECT_TRUE(bob.synced());
  world.check_acknowledged();
  world.check_calm();
}

TEST(Vetoes, WhoWaitsForAnAppMayNotSendForEver) {
  SimApp app(vetoing(FRESHET_VETO_EDIT));
  Limits limits;
  limits.veto_timeout_ms = 600'000;
  limits.loading_bytes = 64 << 10;
  World world(asking(app, limits));
  SimClient& ann = world.join(ClientOptions{.name = "ann", .comes_back = false});
  SimClient& bob = world.join("bob");
  world.settle();
  app.hold(true);
  for (int i = 0; i < 40; ++i) ann.type(std::string(8'000, 'x'));
  world.run_ms(1'000);
  EXPECT_EQ(ann.close_code(), FRESHET_CLOSE_OVERLOADED);
  EXPECT_TRUE(bob.connected());
  app.hold(false);
}

TEST(Vetoes, SoManyAreAskedAtOnceAndTheOthersInTheirTurn) {
  SimApp app(vetoing(FRESHET_VETO_EDIT));
  Limits limits;
  limits.veto_timeout_ms = 10'000;
  sim::Setup setup = asking(app, limits);
  setup.shards = 1;
  World world(setup);
  std::vector<SimClient*> people;
  for (size_t i = 0; i < kQuestionsAtOnce + 4; ++i) {
    people.push_back(&world.join("p" + std::to_string(i)));
  }
  world.settle();
  app.hold(true);
  for (SimClient* each : people) each->type("x");
  world.run_ms(500);
  EXPECT_EQ(app.intents.size(), kQuestionsAtOnce);
  app.hold(false);
  world.settle();
  EXPECT_EQ(app.intents.size(), people.size());
  EXPECT_EQ(people.front()->text().size(), people.size());
  world.check_calm();
}

TEST(Vetoes, WhatIsAskedAboutTakesSoMuchMemoryAndNoMore) {
  SimApp app(vetoing(FRESHET_VETO_EDIT));
  Limits limits;
  limits.veto_timeout_ms = 10'000;
  limits.app_bytes = 64 << 10;
  sim::Setup setup = asking(app, limits);
  setup.shards = 1;
  World world(setup);
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  world.settle();
  app.hold(true);
  const std::string much(limits.app_bytes / kQuestionShare - 2'000, 'x');
  ann.type(much);
  world.run_ms(200);
  bob.type(much);
  world.run_ms(200);
  EXPECT_TRUE(ann.connected());
  EXPECT_EQ(bob.close_code(), FRESHET_CLOSE_OVERLOADED) << "as one that was not answered in time";
  app.hold(false);
  world.run_ms(30'000);
  EXPECT_EQ(ann.text().size(), 2 * much.size());
  world.check_calm();
}

TEST(Vetoes, AReasonIsCutBetweenLettersAndGarbageIsNone) {
  SimApp app(vetoing(FRESHET_VETO_JOIN));
  app.judge_intent = no_at_all;
  World world(asking(app));
  for (int i = 0; i < 100; ++i) app.reason += "\xc3\xa4";
  SimClient& ann = online(world, "ann");
  world.settle();
  EXPECT_EQ(ann.close_reason, app.reason.substr(0, kMaxReasonBytes / 2 * 2));
  app.reason = "\xff";
  SimClient& bob = online(world, "bob");
  world.settle();
  EXPECT_EQ(bob.close_reason, "refused by an app");
}

TEST(Vetoes, OfTwoAppsEitherMayRefuse) {
  SimApp first(vetoing(FRESHET_VETO_EDIT)), second(vetoing(FRESHET_VETO_EDIT));
  second.judge_intent = no_no;
  sim::Setup setup;
  setup.apps = {first.table(), second.table()};
  World world(setup);
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  ann.type("yes");
  world.settle();
  EXPECT_EQ(bob.text(), "yes");
  ann.type("no");
  world.settle();
  EXPECT_EQ(ann.close_code(), FRESHET_CLOSE_REPLACED);
  EXPECT_EQ(bob.text(), "yes");
}

TEST(Vetoes, WhoLeavesBeforeTheAnswerTakesItsQuestionAlong) {
  SimApp app(vetoing(FRESHET_VETO_EDIT));
  World world(asking(app));
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  world.settle();
  app.hold(true);
  ann.type("x");
  world.run_ms(100);
  ann.go_offline();
  world.run_ms(100);
  app.hold(false);
  world.settle();
  EXPECT_EQ(bob.text(), "");
  ann.go_online();
  world.settle();
  EXPECT_EQ(bob.text(), "x") << "who comes again brings it";
  world.check_calm();
}

}  // namespace
}  // namespace freshet::sim
