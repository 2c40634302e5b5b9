// What clients are told of their edits, and when: the journal through the whole server.
#include <gtest/gtest.h>

#include "sim/world.h"

namespace freshet::sim {
namespace {

bool acknowledged(const SimClient& client, uint64_t units) {
  return client.acknowledged().structs.contains(client.id(), 0, units);
}

// In, and the echo of the empty step2 that every client sends behind it.
SimClient& enter(World& world, const std::string& name) {
  SimClient& client = world.join(name);
  world.settle();
  client.received = {};
  return client;
}

TEST(Journal, PeersHearAtOnceAndTheAuthorWhenItIsSaved) {
  World world;
  SimClient& ann = enter(world, "ann");
  SimClient& bob = enter(world, "bob");
  world.store().hold(true);
  ann.type("hello");
  world.run_ms(500);
  EXPECT_EQ(bob.text(), "hello");
  EXPECT_FALSE(acknowledged(ann, 5));
  EXPECT_EQ(ann.received.updates, 0u);

  world.store().hold(false);
  world.settle();
  EXPECT_TRUE(acknowledged(ann, 5));
  EXPECT_EQ(ann.received.updates, 1u);
  EXPECT_EQ(world.disk().rooms.at("r").log.size(), 1u);
}

TEST(Journal, WhatReadsAsAnEchoWaitsWhoeverSendsIt) {
  World world;
  SimClient& ann = enter(world, "ann");
  SimClient& bob = enter(world, "bob");
  SimClient& cleo = enter(world, "cleo");
  ann.received = bob.received = {};
  const auto anns = ann.author().type({"text"}, 0, "mine");
  world.store().hold(true);
  bob.send_update(anns);  // as a peer that has it still, or an older connection of hers
  world.run_ms(500);
  EXPECT_EQ(cleo.received.updates, 1u);
  EXPECT_EQ(ann.received.updates, 0u);
  world.store().hold(false);
  world.settle();
  EXPECT_EQ(ann.received.updates, 1u);
}

TEST(Journal, WhatArrivesDuringAWriteIsTheNextBatch) {
  World world;
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob", "other");
  world.store().hold(true);
  ann.type("1");
  world.run_ms(10);
  for (int i = 0; i < 10; ++i) ann.type("x");
  for (int i = 0; i < 10; ++i) bob.type("y");
  world.run_ms(10);
  const uint64_t before = world.store().count().appends;
  world.store().hold(false);
  world.settle();
  EXPECT_EQ(world.metric("freshet_journal_updates_total"), 21);
  EXPECT_LE(world.store().count().appends - before, 4u) << "two a shard at most";
}

// Its windows are twice as long as commits are apart otherwise.
TEST(Journal, ARoomThatSendsInWindowsCommitsNoMoreOftenThanThat) {
  World world;
  world.scene().weather.disk = {1'000, 1'000};
  world.scene().weather.write_ns = 5'000;
  std::vector<SimClient*> all;
  for (int i = 0; i < 150; ++i) all.push_back(&world.join("c" + std::to_string(i)));
  const auto type_for = [&](size_t ms) {
    for (size_t i = 0; i < ms; ++i) {
      all[i % 10]->type("x");
      world.run_ms(1);
    }
  };
  type_for(300);  // until it is known what a commit takes
  const auto commits = [&] { return world.metric("freshet_journal_commits_total"); };
  const int64_t before = commits();
  type_for(600);
  EXPECT_LE(commits() - before, 600 / 10);
  EXPECT_GE(commits() - before, 600 / 20);
  world.settle();
  for (size_t i = 0; i < 10; ++i) EXPECT_TRUE(acknowledged(*all[i], 90)) << i;
}

// A store that writes a batch and says that it failed, each time.
TEST(Journal, WhatWasWrittenAlthoughItFailedIsStoredOnce) {
  World world;
  SimClient& ann = enter(world, "ann");
  world.scene().weather.append_unknown_percent = 100;
  ann.type("1");
  ann.type("2");
  ASSERT_TRUE(world.run_until([&] { return acknowledged(ann, 2); }));
  EXPECT_EQ(world.store().count().entries, 2u);
  EXPECT_GE(world.store().count().appends, 3u) << "each came again";
}

TEST(Journal, ADuplicateIsAcknowledgedAndNotStoredAgain) {
  World world;
  SimClient& ann = enter(world, "ann");
  const auto update = ann.author().type({"text"}, 0, "once");
  ann.edit(update);
  world.settle();
  ann.send_update(update);
  world.settle();
  EXPECT_EQ(ann.received.updates, 2u);
  EXPECT_EQ(world.store().count().entries, 1u);
}

TEST(Journal, ADuplicateOfWhatIsNotSavedYetWaitsForIt) {
  World world;
  SimClient& ann = enter(world, "ann");
  world.store().hold(true);
  const auto update = ann.author().type({"text"}, 0, "once");
  ann.edit(update);
  ann.send_update(update);
  world.settle();
  EXPECT_EQ(ann.received.updates, 0u);
  world.store().hold(false);
  world.settle();
  EXPECT_EQ(ann.received.updates, 2u);
}

TEST(Journal, AJoinersFirstStateWaitsForTheSaveOfWhatItHolds) {
  World world;
  SimClient& ann = world.join("ann");
  world.store().hold(true);
  ann.type("unsaved");
  world.run_ms(50);
  SimClient& bob = world.client({.name = "bob"});
  bob.go_online();
  world.run_ms(500);
  EXPECT_EQ(bob.received.step1, 1u) << "it is asked for its own edits";
  EXPECT_EQ(bob.received.step2, 0u);
  world.store().hold(false);
  world.settle();
  EXPECT_EQ(bob.text(), "unsaved");
}

TEST(Journal, AFailingStoreAcknowledgesNothingAndIsSeenFromOutside) {
  World world;
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  EXPECT_EQ(world.get({.target = "/readyz"}).status, 200);
  world.store().fail_appends(Status::retry);
  ann.type("kept in memory");
  world.run_ms(5'000);
  EXPECT_EQ(bob.text(), "kept in memory") << "live rooms keep serving";
  EXPECT_FALSE(acknowledged(ann, 1));
  EXPECT_EQ(world.get({.target = "/readyz"}).status, 503);
  EXPECT_EQ(world.get({.target = "/healthz"}).status, 200);

  SimClient& late = world.client({.name = "late", .comes_back = false});
  late.go_online();
  world.run_ms(500);
  EXPECT_EQ(late.close_code(), 4503) << "a room with unsaved edits takes nobody in";

  world.store().heal();
  ASSERT_TRUE(world.run_until([&] { return acknowledged(ann, 14); }, 15'000));
  EXPECT_EQ(world.get({.target = "/readyz"}).status, 200);
  EXPECT_EQ(world.store().count().entries, 1u);
  world.join("cleo");
}

TEST(Journal, RetriesBackOffToTheirBound) {
  Limits limits;
  limits.retry_min_ms = 100;
  limits.retry_max_ms = 1'000;
  World world({.limits = limits});
  SimClient& ann = world.join("ann");
  world.store().fail_appends(Status::retry);
  ann.type("x");
  world.run_ms(10'000);
  world.store().heal();
  EXPECT_TRUE(world.run_until([&] { return acknowledged(ann, 1); }, 1'100));
}

TEST(Journal, ALateAnswerIsWaitedForAndNotSentTwice) {
  Limits limits;
  limits.store_deadline_ms = 1'000;
  World world({.limits = limits});
  SimClient& ann = world.join("ann");
  world.store().hold(true);
  ann.type("slow");
  world.run_ms(3'000);
  EXPECT_EQ(world.get({.target = "/readyz"}).status, 503);
  world.store().hold(false);
  world.settle();
  EXPECT_TRUE(acknowledged(ann, 4));
  EXPECT_EQ(world.store().count().entries, 1u);
  EXPECT_EQ(world.get({.target = "/readyz"}).status, 200);
}

TEST(Journal, PastTheBoundOnUnsavedBytesWritersAreSentAway) {
  Limits limits;
  limits.unsaved_bytes = 10'000;
  World world({.shards = 1, .limits = limits});
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  world.store().hold(true);
  for (int i = 0; i < 20; ++i) ann.type(std::string(1'000, 'x'));
  world.run_ms(500);
  EXPECT_EQ(ann.close_code(), 4503);
  EXPECT_TRUE(bob.connected());
  EXPECT_LE(bob.text().size(), 11'000u);
  world.store().hold(false);
  const auto all_saved = [&] {
    return world.disk().ids("r").structs.contains(ann.id(), 0, 20'000);
  };
  EXPECT_TRUE(world.run_until(all_saved, 20'000)) << "it comes back and brings the rest";
  EXPECT_EQ(bob.text().size(), 20'000u);
}

TEST(Journal, AnUpdateOverItsLimitClosesForGood) {
  Limits limits;
  limits.update_bytes = 1'000;
  World world({.limits = limits});
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  ann.type(std::string(2'000, 'x'));
  world.settle();
  EXPECT_EQ(ann.close_code(), 4413);
  EXPECT_EQ(bob.text(), "");
  EXPECT_EQ(world.store().count().entries, 0u);
}

TEST(Journal, BytesThatAreNoUpdateCloseTheirSenderAndGoNowhere) {
  World world;
  SimClient& ann = enter(world, "ann");
  SimClient& bob = enter(world, "bob");
  auto update = ann.author().type({"text"}, 0, "cut off");
  update.pop_back();
  ann.send_update(update);
  world.settle();
  EXPECT_EQ(ann.close_code(), 4400);
  EXPECT_TRUE(bob.connected());
  EXPECT_EQ(bob.received.updates, 0u);
  EXPECT_EQ(world.store().count().entries, 0u);
}

TEST(Journal, OddBytesArePassedOnInTheUsualForm) {
  World world;
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  auto update = ann.author().type({"text"}, 0, "odd");
  update.insert(update.end(), {1, 2, 3});  // after its end: Yjs ignores it
  ann.send_update(update);
  world.settle();
  EXPECT_EQ(bob.text(), "odd");
  EXPECT_EQ(world.metric("freshet_reencoded_updates_total"), 1);
  EXPECT_TRUE(world.verdict().clean()) << world.verdict().summary();
  EXPECT_EQ(world.disk().rooms.at("r").log.begin()->second.size(), update.size() - 3);
}

}  // namespace
}  // namespace freshet::sim
