// What other nodes append to a room in the store that they share.
#include <gtest/gtest.h>

#include <array>

#include "freshet/abi/close.h"
#include "sim/clients/author.h"
#include "sim/update_ids.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

// A node, and a store to which somebody else appends.
struct SharedWorld : World {
  explicit SharedWorld(const Limits& limits = {}) : World({.limits = limits, .shared = true}) {
    store().expect_conflicts();
  }
  StoredRoom& stored() { return disk().rooms["r"]; }
  // Somebody ends it, to begin another.
  void end_history() {
    disk().ended.insert(std::to_array(stored().epoch.bytes));
    stored().epoch.bytes[0] ^= 1;
  }
  void append(const std::string& text, size_t at = 0) {
    StoredRoom& room = stored();
    room.log.emplace(++room.last_seq, other.type({"text"}, at, text));
  }

  // "a" and "b", a row each. What was stored between them.
  StoredRoom write_twice(SimClient& by) {
    by.type("a");
    settle();
    const StoredRoom between = stored();
    by.type("b");
    settle();
    return between;
  }
  void fold() {
    StoredRoom& room = stored();
    crdt::Doc all;
    for (const auto& [seq, update] : room.log) EXPECT_EQ(all.apply(update).status(), Status::ok);
    std::vector<uint8_t> snapshot;
    EXPECT_EQ(all.diff({}, snapshot), Status::ok);
    room.snapshot = snapshot;
    room.through_seq = room.last_seq;
    room.log.clear();
  }

  Author other{7};
};

TEST(Tail, WhatAnotherNodeWritesReachesThoseWhoAreHere) {
  SharedWorld world;
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  ann.type("here");
  world.settle();
  world.append("elsewhere ");
  world.run_ms(3'000);
  EXPECT_EQ(ann.text().size(), std::string("elsewhere here").size());
  EXPECT_EQ(ann.text(), bob.text());
  EXPECT_EQ(ann.close_code(), 0);
  EXPECT_EQ(world.metric("freshet_updates_of_others_total"), 1);
}

TEST(Tail, WhatCameBetweenIsReadWithTheNextAppend) {
  SharedWorld world;
  SimClient& ann = world.join("ann");
  ann.type("a");
  world.settle();
  world.append("b");
  world.append("c", 1);
  ann.type("d");
  ASSERT_TRUE(world.run_until([&] { return ann.text().size() == 4; }, 900))
      << "it takes no second: " << ann.text();
  EXPECT_EQ(ann.close_code(), 0);
  world.settle();
  EXPECT_TRUE(ann.acknowledged().structs.contains(ann.id(), 0, 2));
}

TEST(Tail, ARoomThatWasNewIsBegunByAnother) {
  SharedWorld world;
  SimClient& ann = world.join("ann");
  EXPECT_EQ(ann.text(), "");
  world.stored().epoch.bytes[0] = 9;
  world.append("theirs");
  world.run_ms(3'000);
  EXPECT_EQ(ann.text(), "theirs");
  ann.type("!");
  world.settle();
  EXPECT_EQ(ann.close_code(), 0);
  EXPECT_EQ(world.stored().last_seq, 2u);
  EXPECT_EQ(world.stored().epoch.bytes[0], 9);
}

TEST(Tail, ALongRowIsAppliedByAWorker) {
  Limits limits;
  limits.turn_bytes = 4 << 10;
  SharedWorld world(limits);
  SimClient& ann = world.join("ann");
  ann.type("a");
  world.settle();
  world.append(std::string(20'000, 'x'));
  world.append("y", 20'000);
  world.run_ms(3'000);
  EXPECT_EQ(ann.text().size(), 20'002u);
  EXPECT_EQ(world.metric("freshet_updates_of_others_total"), 2);
}

TEST(Tail, RowsThatWereFoldedComeAsASnapshot) {
  SharedWorld world;
  SimClient& ann = world.join("ann");
  ann.type("a");
  world.settle();
  world.append("bc");
  world.fold();
  world.run_ms(3'000);
  EXPECT_EQ(ann.text().size(), 3u);
}

TEST(Tail, ASleepingRoomWakesForIt) {
  Limits limits;
  limits.hibernate_after_ms = 2'000;
  SharedWorld world(limits);
  SimClient& ann = world.join("ann");
  ann.type("a");
  world.settle();
  world.run_ms(10'000);
  ASSERT_GT(world.metric("freshet_hibernations_total"), 0);
  world.append("b");
  world.run_ms(5'000);
  EXPECT_EQ(ann.text().size(), 2u);
  EXPECT_EQ(ann.close_code(), 0);
}

TEST(Tail, ARoomThatWasErasedOrBegunAnewElsewhereIsClosed) {
  for (const bool erased : {true, false}) {
    SharedWorld world;
    SimClient& ann = world.join("ann");
    ann.type("a");
    world.settle();
    world.end_history();
    if (erased) world.disk().rooms.erase("r");
    EXPECT_TRUE(world.run_until([&] { return ann.close_code() == FRESHET_CLOSE_REPLACED; }));
  }
}

// What is unsaved of another history is refused by the store: as that, and not as a fault of ours.
TEST(Tail, WhoWritesIntoWhatWasErasedElsewhereIsToldThatItWas) {
  SharedWorld world;
  SimClient& ann = world.join("ann");
  ann.type("a");
  world.settle();
  world.end_history();
  ann.type("b");
  ASSERT_TRUE(world.run_until([&] { return ann.close_code() != 0; }));
  EXPECT_EQ(ann.close_code(), FRESHET_CLOSE_REPLACED);
}

// By a failover to a standby that had not got it yet. The one who wrote it has gone.
TEST(Tail, WhatTheStoreHasLostIsStoredOnceMore) {
  SharedWorld world;
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  const StoredRoom before = world.write_twice(ann);
  ann.go_offline();
  world.stored() = before;
  world.run_ms(5'000);
  EXPECT_TRUE(world.disk().readable_ids("r").structs.contains(ann.id(), 0, 2));
  EXPECT_EQ(bob.close_code(), 0);
  EXPECT_EQ(world.metric("freshet_rooms_brought_back_total"), 1);
}

TEST(Tail, ARoomOfWhichTheStoreHasLostHowItBeganIsStoredOnceMore) {
  for (const bool writes : {false, true}) {
    SharedWorld world;
    SimClient& ann = world.join("ann");
    ann.type("a");
    world.settle();
    world.disk().rooms.erase("r");
    if (writes) ann.type("b");
    world.run_ms(5'000);
    const uint32_t all = writes ? 2 : 1;
    EXPECT_TRUE(world.disk().readable_ids("r").structs.contains(ann.id(), 0, all));
    EXPECT_TRUE(ann.acknowledged().structs.contains(ann.id(), 0, all));
    EXPECT_EQ(ann.close_code(), 0);
  }
}

// Under another name, by somebody who knew of nothing.
TEST(Tail, ARoomThatWasLostAndBegunByAnotherIsBoth) {
  for (const bool writes : {false, true}) {
    SharedWorld world;
    SimClient& ann = world.join("ann");
    ann.type("a");
    world.settle();
    StoredRoom theirs;
    theirs.epoch.bytes[0] = 9;
    world.stored() = theirs;
    world.append("theirs");
    if (writes) ann.type("b");
    world.run_ms(5'000);
    const uint32_t all = writes ? 2 : 1;
    EXPECT_EQ(ann.text().size(), std::string("theirs").size() + all);
    EXPECT_TRUE(world.disk().readable_ids("r").structs.contains(ann.id(), 0, all));
    EXPECT_EQ(ann.close_code(), 0);
  }
}

TEST(Tail, WhatASleepingRoomHasLostIsBroughtToo) {
  Limits limits;
  limits.hibernate_after_ms = 2'000;
  SharedWorld world(limits);
  SimClient& ann = world.join("ann");
  const StoredRoom before = world.write_twice(ann);
  world.stored() = before;
  world.run_ms(20'000);
  EXPECT_EQ(ann.text(), "ab");
  EXPECT_TRUE(world.disk().readable_ids("r").structs.contains(ann.id(), 0, 2));
}

// What others wrote, too, of which its own last append says nothing.
TEST(Tail, WhatASleepingRoomHadReadIsBrought) {
  Limits limits;
  limits.hibernate_after_ms = 2'000;
  SharedWorld world(limits);
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  ann.type("a");
  ASSERT_TRUE(world.run_until([&] { return world.stored().last_seq == 1; }, 900));
  const StoredRoom before = world.stored();
  world.append("theirs");
  ASSERT_TRUE(
      world.run_until([&] { return world.metric("freshet_hibernations_total") == 1; }, 10'000));
  ASSERT_EQ(ann.text().size(), std::string("atheirs").size());
  world.stored() = before;
  bob.go_offline();
  bob.go_online();
  world.run_ms(20'000);
  EXPECT_TRUE(world.disk().readable_ids("r").structs.contains(7, 0, 6));
}

// As many as it had, and others.
TEST(Tail, RowsThatAreOthersWhenARoomWakesAreALoss) {
  Limits limits;
  limits.hibernate_after_ms = 2'000;
  SharedWorld world(limits);
  SimClient& ann = world.join("ann");
  ann.type("a");
  world.settle();
  const StoredRoom before = world.stored();
  ann.type("b");
  world.run_ms(10'000);
  ASSERT_GE(world.metric("freshet_hibernations_total"), 1);
  world.stored() = before;
  world.append("theirs");
  world.stored().origins[2] = {.writer = {{'o'}, 0}, .last_number = 1};
  world.append("more");
  world.stored().origins[3] = {.writer = {{'o'}, 0}, .last_number = 2};
  world.run_ms(20'000);
  EXPECT_TRUE(world.disk().readable_ids("r").structs.contains(ann.id(), 0, 2));
  EXPECT_EQ(ann.text().size(), std::string("abtheirsmore").size());
}

// Before anybody asked where the log ends, it has grown again.
TEST(Tail, ALossThatWasWrittenOverIsSeen) {
  SharedWorld world;
  SimClient& ann = world.join("ann");
  const StoredRoom before = world.write_twice(ann);
  world.stored() = before;
  ann.type("c");
  world.run_ms(10'000);
  EXPECT_EQ(ann.text(), "abc");
  EXPECT_TRUE(world.disk().readable_ids("r").structs.contains(ann.id(), 0, 3));
}

// While this node does not reach the store: what others wrote there has hidden that it is lost.
TEST(Tail, ALossThatWasFoldedMeanwhileIsSeen) {
  SharedWorld world;
  SimClient& ann = world.join("ann");
  const StoredRoom before = world.write_twice(ann);
  world.set_database_away(true);
  world.run_ms(3'000);
  world.stored() = before;
  for (const char* text : {"their", "s"}) world.append(text);
  world.fold();
  world.set_database_away(false);
  world.run_ms(10'000);
  EXPECT_TRUE(world.disk().readable_ids("r").structs.contains(ann.id(), 0, 2));
  EXPECT_EQ(ann.text().size(), std::string("abtheirs").size());
  EXPECT_EQ(ann.close_code(), 0);
  EXPECT_EQ(world.metric("freshet_rooms_brought_back_total"), 1);
}

// Said before this node's append, and heard after.
TEST(Tail, AnAnswerThatIsLateIsNoLoss) {
  SharedWorld world;
  SimClient& ann = world.join("ann");
  for (int i = 0; i < 300; ++i) {
    ann.type("a");
    world.run_ms(37);
  }
  world.settle();
  EXPECT_EQ(ann.close_code(), 0);
  EXPECT_EQ(world.metric("freshet_updates_of_others_total"), 0);
}

TEST(Tail, AStoreThatDoesNotAnswerIsAskedAgain) {
  SharedWorld world;
  SimClient& ann = world.join("ann");
  ann.type("a");
  world.settle();
  world.store().fail_loads(Status::retry);
  world.append("b");
  world.run_ms(5'000);
  EXPECT_EQ(ann.text(), "a");
  world.store().heal();
  world.run_ms(3'000);
  EXPECT_EQ(ann.text().size(), 2u);
}

}  // namespace
}  // namespace freshet::sim
