// What members write into a document and ask of it, without the room around it.
#include "core/rooms/desk.h"

#include "core/tests/apps/insert_hello.h"
#include "core/tests/rooms/room_parts.h"
#include "freshet/abi/close.h"

namespace freshet::sim {
namespace {

Limits short_turns() {
  Limits limits;
  limits.turn_bytes = 500;
  limits.update_bytes = 2'000;
  return limits;
}

struct DeskTest : ::testing::Test, RoomParts {
  DeskTest() : RoomParts(short_turns()) {}

  Submission::Update update(const std::vector<uint8_t>& bytes, uint64_t ticket = 0) {
    return {FRESHET_UPDATE_V1, bytes, ticket};
  }
  bool says(const Heard& heard, uint32_t kind) {
    const std::string begin = std::to_string(kind) + ":";
    return std::ranges::any_of(heard.messages,
                               [&](const std::string& each) { return each.starts_with(begin); });
  }
  // As the room does, with nothing else happening meanwhile.
  Desk::Work have_worked(Desk::Work work) {
    EXPECT_EQ(residence.lend(std::move(work)), Status::ok);
    shard.settle();
    const auto done = std::move(owner.worked);
    residence.take_back(*done);
    return desk.finish(*done);
  }
};

TEST_F(DeskTest, AnUpdateGoesInAndOutToOthers) {
  const auto hello = typed("hello");
  ASSERT_TRUE(desk.may_take(ann, hello, 1));
  EXPECT_EQ(desk.update(ann, update(hello, 1)), nullptr);
  EXPECT_EQ(text(), "hello");
  audience.send_all_windows();
  EXPECT_TRUE(says(bob_hears, FRESHET_UPDATE));
  EXPECT_FALSE(says(ann_hears, FRESHET_UPDATE));
}

TEST_F(DeskTest, WhatIsKnownIsAcknowledgedAndGoesToNobody) {
  const auto hello = typed("hello");
  EXPECT_EQ(desk.update(ann, update(hello, 1)), nullptr);
  shard.settle();
  audience.send_saved();
  ann_hears = bob_hears = {};
  EXPECT_EQ(desk.update(bob, update(hello, 2)), nullptr);
  EXPECT_EQ(shard.count().duplicates.get(), 1);
  EXPECT_TRUE(says(bob_hears, FRESHET_SAVED));
  EXPECT_EQ(ann_hears.messages.size(), 0u);
}

TEST_F(DeskTest, WhatWasJustGivenOutIsAcknowledgedUnread) {
  EXPECT_EQ(desk.update(ann, update(typed("hello"))), nullptr);
  shard.settle();
  EXPECT_EQ(desk.diff(bob, {}), nullptr);
  std::vector<uint8_t> state;
  ASSERT_EQ(residence.diff({}, state), Status::ok);
  EXPECT_TRUE(desk.acknowledge_if_given(bob, update(state)));
  EXPECT_FALSE(desk.acknowledge_if_given(bob, update(typed("!"))));
}

TEST_F(DeskTest, WhoMayNotWriteStaysAndIsTold) {
  Heard dan_hears;
  Member& dan = members.add(member(4, wire.get(), dan_hears, {}, Writes::no));
  EXPECT_FALSE(desk.may_take(dan, typed("hello"), 1));
  EXPECT_TRUE(says(dan_hears, FRESHET_REFUSED));
  EXPECT_EQ(dan_hears.closed, 0);
}

TEST_F(DeskTest, WhatIsTooLargeEndsItsSession) {
  EXPECT_FALSE(desk.may_take(ann, typed(std::string(3'000, 'x')), 1));
  EXPECT_EQ(ann_hears.closed, FRESHET_CLOSE_TOO_LARGE);
}

TEST_F(DeskTest, ALongUpdateIsHandedBackAsWork) {
  Desk::Work work = desk.update(ann, update(typed(std::string(1'000, 'x')), 1));
  ASSERT_NE(work, nullptr);
  EXPECT_EQ(text(), "") << "nothing is done yet";
  EXPECT_EQ(have_worked(std::move(work)), nullptr);
  EXPECT_EQ(text().size(), 1'000u);
  audience.send_all_windows();
  EXPECT_TRUE(says(bob_hears, FRESHET_UPDATE));
}

TEST_F(DeskTest, ALongUpdateOfOneWhoHasLeftIsTaken) {
  Desk::Work work = desk.update(ann, update(typed(std::string(1'000, 'x'))));
  members.retire(1);
  members.remove(1);
  EXPECT_EQ(have_worked(std::move(work)), nullptr);
  audience.send_all_windows();
  EXPECT_TRUE(says(bob_hears, FRESHET_UPDATE));
}

TEST_F(DeskTest, ALongSeedIsAnsweredWhenItIsStored) {
  const auto seed = typed(std::string(1'000, 'x'));
  Desk::Work work = desk.open(ann, {FRESHET_UPDATE_V1, seed});
  ASSERT_NE(work, nullptr);
  EXPECT_FALSE(desk.seeds());
  EXPECT_EQ(have_worked(std::move(work)), nullptr);
  EXPECT_TRUE(desk.seeds());
  shard.settle();
  EXPECT_FALSE(says(ann_hears, FRESHET_DIFF)) << "somebody else may have been first";
  EXPECT_FALSE(says(bob_hears, FRESHET_UPDATE));
  EXPECT_EQ(desk.end_seed(), nullptr);
  audience.send_all_windows();
  EXPECT_TRUE(says(ann_hears, FRESHET_DIFF));
  EXPECT_TRUE(says(bob_hears, FRESHET_UPDATE));
  EXPECT_EQ(text().size(), 1'000u);
}

TEST_F(DeskTest, WhoAsksWhatDoesNotDecodeIsNotToldOfAnUpdate) {
  const std::vector<uint8_t> nonsense(10, 0xff);
  EXPECT_EQ(desk.diff(ann, {nonsense}), nullptr);
  EXPECT_EQ(ann_hears.closed, FRESHET_CLOSE_MALFORMED);
  EXPECT_EQ(ann_hears.reason, "what was asked does not decode");
  EXPECT_FALSE(says(ann_hears, FRESHET_REFUSED));
  EXPECT_EQ(desk.update(bob, update(nonsense)), nullptr);
  EXPECT_EQ(bob_hears.reason, "the update does not decode");
  EXPECT_TRUE(says(bob_hears, FRESHET_REFUSED));
}

TEST_F(DeskTest, OnlyAnEmptyDocumentIsSeeded) {
  EXPECT_EQ(desk.update(ann, update(typed("hello"))), nullptr);
  EXPECT_EQ(desk.open(bob, {FRESHET_UPDATE_V1, Author(9).type({"text"}, 0, "seed")}), nullptr);
  EXPECT_EQ(text(), "hello");
}

TEST_F(DeskTest, WhereItIsNotKnownWhetherThereIsContentNothingIsSeeded) {
  EXPECT_EQ(desk.update(ann, update(typed("hello"))), nullptr);
  const auto seed = Author(9).type({"text"}, 0, "seed");
  shard.engine().fail_state_vector(FRESHET_RETRY);
  EXPECT_EQ(desk.open(bob, {FRESHET_UPDATE_V1, seed}), nullptr);
  EXPECT_EQ(text(), "hello");
  EXPECT_EQ(bob_hears.closed, FRESHET_CLOSE_OVERLOADED);
  EXPECT_EQ(desk.open(ann, {FRESHET_UPDATE_V1, seed}), nullptr);
  EXPECT_EQ(text(), "hello") << "nor when it can be known again";
  EXPECT_EQ(ann_hears.closed, 0);
}

TEST_F(DeskTest, WhoFollowsLaterIsSentWhatItMissedOnce) {
  bob.wants = FRESHET_WANT_SAVED;
  EXPECT_EQ(desk.open(bob, {FRESHET_UPDATE_V1, {}}), nullptr);
  EXPECT_EQ(desk.update(ann, update(typed("hello"))), nullptr);
  shard.settle();
  EXPECT_FALSE(says(bob_hears, FRESHET_UPDATE));
  desk.follow(bob, {FRESHET_WANT_UPDATES});
  EXPECT_TRUE(says(bob_hears, FRESHET_UPDATE));
  const size_t before = bob_hears.messages.size();
  desk.follow(bob, {FRESHET_WANT_UPDATES});
  EXPECT_EQ(bob_hears.messages.size(), before);
}

TEST_F(DeskTest, WhatNobodyWroteGoesToEverybody) {
  EXPECT_EQ(desk.edit({}, kInsertHello), Status::ok);
  EXPECT_EQ(text(), "hello");
  audience.send_all_windows();
  EXPECT_TRUE(says(ann_hears, FRESHET_UPDATE));
  EXPECT_TRUE(says(bob_hears, FRESHET_UPDATE));
  EXPECT_EQ(desk.edit({}, "nonsense"), Status::malformed);
  EXPECT_EQ(desk.edit({}, ""), Status::ok);
  EXPECT_EQ(text(), "hello");
}

}  // namespace
}  // namespace freshet::sim
