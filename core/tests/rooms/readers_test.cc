// Slow readers on the simulated platform: conflated, bounded, and in the end up to date.
#include <gtest/gtest.h>

#include "sim/world.h"

namespace freshet::sim {
namespace {

constexpr uint64_t kNotAtAll = 0;
constexpr uint64_t kFast = UINT64_MAX;

// Connections on the shard of their room, and on others: the same must hold.
class Readers : public ::testing::TestWithParam<Movable> {
 protected:
  SimClient& join(World& world, const std::string& name) {
    return world.join({.name = name, .movable = GetParam()});
  }
  sim::Setup setup(size_t reader_bytes, size_t hard_bytes) {
    Limits limits;
    limits.reader_bytes = reader_bytes;
    limits.reader_hard_bytes = hard_bytes;
    // With this many shards, a connection that cannot move is elsewhere than its room nearly
    // always.
    return {.shards = GetParam() == Movable::yes ? 2u : 16u, .limits = limits};
  }
};

INSTANTIATE_TEST_SUITE_P(HomeAndAway, Readers, ::testing::Values(Movable::yes, Movable::no),
                         [](const auto& test) {
                           return test.param == Movable::yes ? "Home" : "Away";
                         });

TEST_P(Readers, ASlowReaderGetsOneDiffForAllItMissed) {
  World world(setup(1, 1 << 20));
  SimClient& ann = join(world, "ann");
  SimClient& bob = join(world, "bob");
  world.settle();
  const size_t before = bob.received.updates;
  bob.read_speed(kNotAtAll);
  for (int i = 0; i < 100; ++i) {
    ann.type("x");
    world.run_ms(5);
  }
  EXPECT_LT(bob.backlog_bytes(), 200u);

  bob.read_speed(kFast);
  world.settle();
  EXPECT_EQ(bob.text(), std::string(100, 'x'));
  EXPECT_EQ(bob.received.updates - before, 2u) << "the one that was queued, and one diff";
  world.run_ms(20'000);  // until everybody has renewed what it shows
  world.check_calm();
  EXPECT_TRUE(world.verdict().clean()) << world.verdict().summary();
}

TEST_P(Readers, WithoutNewsNothingIsSentAgain) {
  World world(setup(1, 1 << 20));
  join(world, "ann");
  SimClient& bob = join(world, "bob");
  world.settle();
  const size_t before = bob.received.updates;
  // Everything is over this bound, so that each message makes its reader lag.
  bob.send(std::vector<uint8_t>{0, 0, 1, 0});
  world.run_ms(1'000);
  EXPECT_EQ(bob.received.updates, before);
}

TEST_P(Readers, OneWhoSendsTooFastIsSentAwayAndMayComeBack) {
  sim::Setup with = setup(1 << 20, 1 << 20);
  with.limits.messages_per_second = 10;
  World world(with);
  SimClient& loud = join(world, "loud");
  SimClient& calm = join(world, "calm");
  for (int i = 0; i < 80; ++i) loud.type("x");
  world.settle();
  EXPECT_TRUE(loud.connected()) << "ten seconds' worth may come at once";
  for (int i = 0; i < 80; ++i) loud.type("x");
  world.run_until([&] { return loud.close_code() == 4529; });
  EXPECT_EQ(loud.close_code(), 4529);
  world.settle();
  EXPECT_TRUE(calm.connected());
  EXPECT_EQ(world.join("late").text().find_first_not_of('x'), std::string::npos);
  EXPECT_EQ(calm.text(), std::string(160, 'x')) << "it came back and brought the rest";
}

TEST_P(Readers, SeveralThatFellBehindTogetherAllCatchUp) {
  World world(setup(2'000, 1 << 20));
  SimClient& ann = join(world, "ann");
  std::vector<SimClient*> slow;
  for (int i = 0; i < 5; ++i) slow.push_back(&join(world, "slow" + std::to_string(i)));
  for (SimClient* client : slow) client->read_speed(kNotAtAll);
  for (int i = 0; i < 50; ++i) ann.type(std::string(200, 'y'));
  world.settle();
  for (SimClient* client : slow) EXPECT_LT(client->backlog_bytes(), 2'500u);
  for (SimClient* client : slow) client->read_speed(kFast);
  world.settle();
  for (SimClient* client : slow) EXPECT_EQ(client->text(), std::string(10'000, 'y'));
}

TEST_P(Readers, WhatASlowReaderWritesIsAcknowledgedWhenItCatchesUp) {
  World world(setup(1, 1 << 20));
  SimClient& ann = join(world, "ann");
  SimClient& bob = join(world, "bob");
  bob.read_speed(kNotAtAll);
  ann.type("hello");
  world.settle();
  bob.type("there");
  world.settle();
  EXPECT_FALSE(bob.acknowledged().structs.contains(bob.id(), 0, 5));
  bob.read_speed(kFast);
  world.settle();
  EXPECT_TRUE(bob.acknowledged().structs.contains(bob.id(), 0, 5));
  EXPECT_EQ(bob.text().size(), 10u);
}

TEST_P(Readers, WhatASlowReaderRepeatsIsAcknowledgedToo) {
  World world(setup(1, 1 << 20));
  SimClient& ann = join(world, "ann");
  SimClient& bob = join(world, "bob");
  const auto update = bob.author().type({"text"}, 0, "mine");
  bob.edit(update);
  world.settle();
  const size_t heard = bob.received.updates;
  bob.read_speed(kNotAtAll);
  ann.type("hello");
  world.settle();
  bob.send_update(update);  // as one whose acknowledgement was lost does
  world.settle();
  bob.read_speed(kFast);
  world.settle();
  EXPECT_EQ(bob.received.updates - heard, 2u) << "what was queued, and the echo";
}

TEST_P(Readers, PresenceIsLatestWinsForASlowReader) {
  World world(setup(1, 1 << 20));
  SimClient& ann = join(world, "ann");
  SimClient& bob = join(world, "bob");
  bob.read_speed(kNotAtAll);
  const size_t before = bob.received.awareness;
  for (int i = 0; i < 50; ++i) ann.show("{\"at\":" + std::to_string(i) + "}");
  world.settle();
  bob.read_speed(kFast);
  world.run_ms(1'000);
  EXPECT_EQ(bob.present()[ann.id()], "{\"at\":49}");
  EXPECT_LE(bob.received.awareness - before, 2u);
}

TEST_P(Readers, OneWhoAsksAndNeverReadsIsCutOff) {
  World world(setup(4'000, 20'000));
  join(world, "ann").type(std::string(3'000, 'z'));
  world.settle();
  SimClient& deaf = join(world, "deaf");
  deaf.read_speed(kNotAtAll);
  for (int i = 0; i < 50; ++i)
    deaf.send(std::vector<uint8_t>{0, 0, 1, 0});  // step1: "I have nothing"
  world.run_ms(1'000);
  EXPECT_LE(world.platform().connections().most_queued_bytes(), 20'000u + 3'100u);
  EXPECT_TRUE(world.run_until([&] { return deaf.close_code() == 4504; }, 10'000));
  EXPECT_EQ(world.metric("freshet_readers_cut_off_total"), 1);
  EXPECT_TRUE(world.verdict().clean()) << world.verdict().summary();
}

TEST_P(Readers, WhatWaitsToBeSavedForOneWhoAsksTooMuchIsBounded) {
  World world(setup(1 << 20, 100'000));
  SimClient& ann = join(world, "ann");
  SimClient& greedy = join(world, "greedy");
  world.store().hold(true);
  ann.type(std::string(10'000, 'u'));
  world.run_ms(100);
  // Each asks for something else, so that no two answers are the same bytes.
  for (uint8_t i = 0; i < 100; ++i) greedy.send(std::vector<uint8_t>{0, 0, 3, 1, i, 1});
  EXPECT_TRUE(world.run_until([&] { return greedy.close_code() == 4503; }, 10'000));
  EXPECT_TRUE(ann.connected());
}

TEST_P(Readers, ManyWhoWaitForTheSameCountOnce) {
  sim::Setup crowded = setup(1 << 20, 4 << 20);
  crowded.limits.unsaved_bytes = size_t{100'000} * crowded.shards;
  World world(crowded);
  SimClient& ann = join(world, "ann");
  world.store().hold(true);
  ann.type(std::string(10'000, 'u'));
  world.run_ms(100);
  for (int i = 0; i < 30; ++i) world.client({.name = "c", .movable = GetParam()}).go_online();
  world.run_ms(1'000);
  ann.type("more");
  world.run_ms(1'000);
  EXPECT_TRUE(ann.connected()) << "thirty references to 10 kB are not 300 kB";
  world.store().hold(false);
  world.settle();
  for (const auto& client : world.clients()) EXPECT_EQ(client->text().size(), 10'004u);
}

}  // namespace
}  // namespace freshet::sim
