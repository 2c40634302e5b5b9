// What goes out to the members of one room, without the room.
#include "core/audience/audience.h"

#include "core/tests/rooms/one_shard.h"
#include "freshet/abi/close.h"

namespace freshet::sim {
namespace {

Limits slow_reader_bounds() {
  Limits limits;
  limits.reader_bytes = 1'000;
  limits.reader_hard_bytes = 10'000;
  return limits;
}

std::string kind(uint32_t kind) { return std::to_string(kind) + ":"; }

struct AudienceTest : ::testing::Test {
  void SetUp() override {
    owner.noting = &residence;
    residence.load();
    shard.settle();
    ASSERT_NE(residence.document(), nullptr);
  }
  // What goes into the document, and out to all but `from`.
  void type(Member* from, const std::string& text, uint64_t ticket = 0) {
    take(from, author.type({"text"}, author.length({"text"}), text), ticket);
  }
  void take(Member* from, const std::vector<uint8_t>& update, uint64_t ticket = 0) {
    freshet_applied applied{};
    ASSERT_TRUE(residence.apply(FRESHET_UPDATE_V1, update, applied));
    residence.keep(update);
    freshet_delivery delivery{};
    delivery.kind = FRESHET_UPDATE;
    delivery.format = FRESHET_UPDATE_V1;
    delivery.bytes = to_c(Bytes(update));
    audience.send_update(delivery, applied, from, ticket);
  }
  void send_event(const std::string& name) {
    freshet_delivery event{};
    event.kind = FRESHET_EVENT;
    event.bytes = to_c(as_bytes(name));
    audience.send_event(event);
  }
  size_t updates(const Heard& heard) {
    return static_cast<size_t>(std::ranges::count_if(heard.messages, [](const std::string& each) {
      return each.starts_with(kind(FRESHET_UPDATE));
    }));
  }

  OneShard shard{slow_reader_bounds()};
  DocumentOwner owner{"r"};
  Residence residence{shard.services(), owner};
  Presence presence{shard.services().limits};
  Members members;
  Audience audience{shard.services(), owner.named, members, residence, presence};
  Author author{7};
  PlainWire wire, echo{1, FRESHET_SAVED_ECHO};
  Heard ann_hears, bob_hears, cleo_hears;
  Member& ann = members.add(member(1, wire.get(), ann_hears));
  Member& bob = members.add(member(2, wire.get(), bob_hears));
  Member& cleo = members.add(member(3, echo.get(), cleo_hears));
};

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

TEST_F(AudienceTest, AnEchoWaitsUntilItIsTrueAndSharesTheEncoding) {
  shard.store().hold(true);
  type(&cleo, "hello");
  EXPECT_EQ(echo.encoded(), 1u);
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
  crdt::Doc doc;
  for (const std::string& each : bob_hears.messages) {
    ASSERT_TRUE(doc.apply(as_bytes(std::string_view(each).substr(kind(FRESHET_UPDATE).size()))));
  }
  std::string text;
  doc.text("text", text);
  EXPECT_EQ(text, "onetwotwotwotwotwo");
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
