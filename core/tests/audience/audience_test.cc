// What goes out to the members of one room, without the room.
#include "core/audience/audience.h"

#include "core/tests/audience/audience_parts.h"
#include "freshet/abi/close.h"

namespace freshet::sim {
namespace {

struct AudienceTest : AudienceParts {};

TEST_F(AudienceTest, AnUpdateIsEncodedOnceForEachWire) {
  type(&ann, "hello");
  EXPECT_EQ(updates(ann_hears), 0u);
  EXPECT_EQ(updates(bob_hears), 1u);
  EXPECT_EQ(wire.encoded(), 2u) << "the update, and that it will be saved";
  Heard dan_hears;
  members.add(member(4, wire.get(), dan_hears));
  type(nullptr, "there");
  EXPECT_EQ(wire.encoded(), 3u) << "one for three readers";
  EXPECT_EQ(bob_hears.messages.back(), dan_hears.messages.back());
}

TEST_F(AudienceTest, WhoWroteIsToldWhenItIsSavedAndOthersAtOnce) {
  shard.store().hold(true);
  type(&ann, "hello", 42);
  EXPECT_EQ(updates(bob_hears), 1u);
  EXPECT_EQ(ann_hears.messages.size(), 0u);
  EXPECT_GT(audience.held_bytes(), 0u);

  shard.store().hold(false);
  shard.settle();
  audience.send_saved();
  EXPECT_EQ(ann_hears.messages, std::vector{kind(FRESHET_SAVED) + "#42"});
  EXPECT_EQ(audience.held_bytes(), 0u);
}

TEST_F(AudienceTest, AnEchoWaitsUntilItIsTrue) {
  shard.store().hold(true);
  type(&cleo, "hello");
  EXPECT_EQ(updates(cleo_hears), 0u);
  shard.store().hold(false);
  shard.settle();
  audience.send_saved();
  EXPECT_EQ(updates(cleo_hears), 1u);
}

TEST_F(AudienceTest, WhatWillNeverBeSavedIsNeverSaid) {
  shard.store().hold(true);
  type(&ann, "hello");
  audience.forget_held();
  shard.store().hold(false);
  shard.settle();
  audience.send_saved();
  EXPECT_EQ(ann_hears.messages.size(), 0u);
}

TEST_F(AudienceTest, ASlowReaderGetsOneDifferenceInTheEnd) {
  bob_hears.queued_bytes = 2'000;  // over the bound, once it is sent something
  type(&ann, "one");
  EXPECT_TRUE(bob.lagging);
  EXPECT_TRUE(members.any_lags());
  for (int i = 0; i < 5; ++i) type(&ann, "two");
  EXPECT_EQ(updates(bob_hears), 1u) << "what made it lag";
  EXPECT_FALSE(audience.may_catch_up(bob));
  shard.settle();

  bob_hears.queued_bytes = 0;
  ASSERT_TRUE(audience.may_catch_up(bob));
  EXPECT_EQ(audience.catch_up(bob), Status::ok);
  EXPECT_FALSE(bob.lagging);
  EXPECT_EQ(updates(bob_hears), 2u);
  EXPECT_EQ(text_of(bob_hears), "onetwotwotwotwotwo");
}

TEST_F(AudienceTest, ASlowReaderOfWhomNothingCanBeKeptComesBackLater) {
  bob_hears.queued_bytes = 2'000;
  shard.engine().fail_state_vector(FRESHET_RETRY);
  type(&ann, "one");
  EXPECT_EQ(bob_hears.closed, FRESHET_CLOSE_OVERLOADED);
  EXPECT_FALSE(bob.lagging);
  EXPECT_EQ(ann_hears.closed, 0);
}

TEST_F(AudienceTest, WhatSlowReadersHaveSeenIsCountedOnceForEachVersion) {
  for (uint64_t each = 1'000; each < 1'100; ++each) {  // a line in the state vector each
    take(nullptr, Author(each).type({"text"}, 0, "x"));
  }
  shard.settle();
  residence.tick();
  const int64_t nobody = shard.budget_bytes();
  bob_hears.queued_bytes = cleo_hears.queued_bytes = 2'000;
  send_event("ping");
  ASSERT_TRUE(bob.lagging && cleo.lagging);
  const int64_t two = shard.budget_bytes();
  EXPECT_GT(two, nobody + 300);
  EXPECT_LT(two, nobody + 900);

  type(nullptr, "y");
  residence.tick();
  const int64_t before = shard.budget_bytes();
  ann_hears.queued_bytes = 2'000;
  send_event("ping");
  ASSERT_TRUE(ann.lagging);
  EXPECT_GT(shard.budget_bytes(), before + 300);
  members.remove(bob.spec.id);
  EXPECT_GT(shard.budget_bytes(), before + 300) << "another has it still";
  members.remove(cleo.spec.id);
  EXPECT_LT(shard.budget_bytes(), before + 300);
}

TEST_F(AudienceTest, WithoutNewsASlowReaderGetsNothing) {
  bob_hears.queued_bytes = 2'000;
  send_event("ping");
  ASSERT_TRUE(bob.lagging);
  bob_hears.queued_bytes = 0;
  EXPECT_EQ(audience.catch_up(bob), Status::ok);
  EXPECT_EQ(bob_hears.messages.size(), 1u);
}

TEST_F(AudienceTest, EventsGoToTheSlowTooUntilTheyAreCutOff) {
  bob_hears.queued_bytes = 2'000;
  send_event("one");
  send_event("two");
  EXPECT_EQ(bob_hears.messages.size(), 2u);
  bob_hears.queued_bytes = 20'000;
  send_event("three");
  EXPECT_EQ(bob_hears.messages.size(), 2u);
  EXPECT_EQ(bob_hears.closed, FRESHET_CLOSE_TIMEOUT);
  EXPECT_EQ(members.find(2), nullptr);
  EXPECT_EQ(ann_hears.messages.size(), 3u);
}

TEST_F(AudienceTest, WhoAsksTheSameIsGivenTheSame) {
  type(nullptr, "hello");
  shard.settle();
  ASSERT_EQ(audience.send_diff(ann, FRESHET_DIFF, {}), Status::ok);
  const size_t before = wire.encoded();
  ASSERT_EQ(audience.send_diff(bob, FRESHET_DIFF, {}), Status::ok);
  EXPECT_EQ(wire.encoded(), before);
  EXPECT_EQ(ann_hears.messages.back(), bob_hears.messages.back());
  EXPECT_FALSE(audience.has_diff(cleo, FRESHET_DIFF, {}, 0)) << "another wire";

  type(nullptr, "!");
  EXPECT_FALSE(audience.has_diff(ann, FRESHET_DIFF, {}, 0)) << "it has changed";
}

TEST_F(AudienceTest, WhatWasJustGivenOutIsKnown) {
  type(nullptr, "hello");
  shard.settle();
  ASSERT_EQ(audience.send_diff(ann, FRESHET_DIFF, {}), Status::ok);
  std::vector<uint8_t> state;
  ASSERT_EQ(residence.diff({}, state), Status::ok);
  EXPECT_TRUE(audience.was_just_given(FRESHET_UPDATE_V1, state));
  EXPECT_FALSE(audience.was_just_given(FRESHET_UPDATE_V1 + 1, state));
  audience.tick(0);
  EXPECT_FALSE(audience.was_just_given(FRESHET_UPDATE_V1, state)) << "small, and a while ago";
}

TEST_F(AudienceTest, WhomAWireFailsForIsSentAwayAndNobodyElse) {
  wire.fail(true);
  send_event("ping");
  EXPECT_EQ(ann_hears.closed, FRESHET_CLOSE_INTERNAL);
  EXPECT_EQ(bob_hears.closed, FRESHET_CLOSE_INTERNAL);
  EXPECT_EQ(cleo_hears.closed, 0);
  EXPECT_EQ(cleo_hears.messages.size(), 1u);
  EXPECT_NE(shard.log().find("protocol plain failed to encode"), std::string::npos);
}

TEST_F(AudienceTest, WhoIsGoneIsKnownUntilItIsRemoved) {
  Heard dan_hears;
  MemberSpec spec;
  spec.user = R"("dan")";
  members.add(member(4, wire.get(), dan_hears, spec));
  ASSERT_NE(members.retire(4), nullptr);
  send_event("ping");
  EXPECT_EQ(dan_hears.messages.size(), 0u);
  EXPECT_EQ(members.user_of(4), R"("dan")");
  members.remove(4);
  EXPECT_EQ(members.user_of(4), "");
  EXPECT_EQ(members.retire(4), nullptr);
}

}  // namespace
}  // namespace freshet::sim
