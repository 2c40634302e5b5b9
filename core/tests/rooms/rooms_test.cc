// Rooms on the simulated platform: loading, failing, bounds, epochs, compaction, conflicts.
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>

#include "freshet/crdt/limits.h"
#include "freshet/format/codec.h"
#include "sim/world.h"

namespace freshet::sim {
namespace {

std::string stored_text(World& world, const std::string& room = "r") {
  crdt::Doc doc;
  for (const Blob& update : world.disk().updates(room)) EXPECT_TRUE(doc.apply(update));
  std::string text;
  doc.text("text", text);
  return text;
}

TEST(Rooms, TwoFirstJoinsShareOneLoad) {
  World world;
  world.store().hold(true);
  SimClient& ann = world.client({.name = "ann"});
  SimClient& bob = world.client({.name = "bob"});
  ann.go_online();
  bob.go_online();
  world.run_ms(500);
  EXPECT_EQ(ann.received.messages + bob.received.messages, 0u) << "served before it was loaded";

  world.store().hold(false);
  world.settle();
  EXPECT_TRUE(ann.synced());
  EXPECT_TRUE(bob.synced());
  EXPECT_EQ(world.store().count().loads, 1u);
}

TEST(Rooms, WhatIsSubmittedWhileLoadingIsTakenInOrder) {
  World world;
  world.store().hold(true);
  SimClient& ann = world.client({.name = "ann"});
  ann.go_online();
  world.run_ms(100);
  ann.type("one ");
  ann.type("two ");
  ann.type("three");
  world.run_ms(100);
  world.store().hold(false);
  world.settle();
  EXPECT_EQ(world.join("bob").text(), "one two three");
}

TEST(Rooms, TooMuchBeforeTheRoomIsLoadedClosesItsSenderOnly) {
  Limits limits;
  limits.loading_bytes = 3'000;
  World world({.limits = limits});
  world.store().hold(true);
  SimClient& loud = world.client({.name = "loud", .comes_back = false});
  SimClient& calm = world.client({.name = "calm"});
  loud.go_online();
  calm.go_online();
  world.run_ms(100);
  for (int i = 0; i < 4; ++i) loud.type(std::string(1'000, 'x'));
  world.settle();
  EXPECT_EQ(loud.close_code(), 4503);
  world.store().hold(false);
  world.settle();
  EXPECT_TRUE(calm.synced());
}

// Whether its sender lives on the room's shard or elsewhere.
TEST(Rooms, WhatIsTooLargeIsRefusedBeforeTheRoomIsLoaded) {
  for (const Movable movable : {Movable::yes, Movable::no}) {
    Limits limits;
    limits.update_bytes = 3'000;
    World world({.shards = 16, .limits = limits});
    world.store().hold(true);
    SimClient& ann = world.client({.name = "ann", .movable = movable, .comes_back = false});
    ann.go_online();
    world.run_ms(100);
    ann.type(std::string(4'000, 'x'));
    world.run_ms(500);
    EXPECT_EQ(ann.close_code(), 4413);
  }
}

TEST(Rooms, ARoomThatCannotBeReadIsNeverServedEmpty) {
  World world;
  world.join("ann").type("hello");
  world.settle();
  world.kill();
  world.clients().front()->go_offline();
  world.start();
  world.store().fail_loads(Status::corrupt);
  SimClient& bob = world.client({.name = "bob"});
  bob.go_online();
  world.run_ms(1'500);
  EXPECT_EQ(bob.close_code(), 4508);
  EXPECT_EQ(bob.received.messages, 0u);
  EXPECT_TRUE(world.logged("room \"r\" cannot be loaded: corrupt"));

  world.store().heal();
  EXPECT_TRUE(world.run_until([&] { return bob.text() == "hello"; }, 10'000));
}

TEST(Rooms, AFailedRoomIsLoadedAgainHoweverManyKeepAsking) {
  World world;
  world.store().fail_loads(Status::retry);
  std::vector<SimClient*> crowd;
  for (int i = 0; i < 8; ++i) {
    crowd.push_back(&world.client({.name = "c" + std::to_string(i)}));
    crowd.back()->go_online();
    world.run_ms(310);
  }
  world.run_ms(5'000);
  EXPECT_EQ(crowd.front()->close_code(), 4508);
  world.store().heal();
  const auto all_in = [&] {
    return std::all_of(crowd.begin(), crowd.end(), [](SimClient* c) { return c->synced(); });
  };
  EXPECT_TRUE(world.run_until(all_in, 10'000));
}

TEST(Rooms, AFailedLoadIsNotRepeatedForEveryClient) {
  World world;
  world.store().fail_loads(Status::retry);
  for (int i = 0; i < 20; ++i) world.client({.name = "c"}).go_online();
  world.run_ms(1'500);
  EXPECT_EQ(world.metric("freshet_room_loads_failed_total"), 1);
}

TEST(Rooms, AStoreThatNeverAnswersALoadIsAFailedLoad) {
  Limits limits;
  limits.store_deadline_ms = 2'000;
  World world({.limits = limits});
  world.store().hold(true);
  SimClient& ann = world.client({.name = "ann"});
  ann.go_online();
  world.run_ms(3'500);
  EXPECT_EQ(ann.close_code(), 4508);
  world.store().hold(false);
  EXPECT_TRUE(world.run_until([&] { return ann.synced(); }, 10'000));
}

TEST(Rooms, OneMoreThanARoomHoldsIsSentAway) {
  Limits limits;
  limits.sessions_per_room = 2;
  World world({.limits = limits});
  world.join("ann");
  world.join("bob");
  SimClient& late = world.client({.name = "late", .comes_back = false});
  late.go_online();
  world.settle();
  EXPECT_EQ(late.close_code(), 4503);
  EXPECT_TRUE(world.clients().front()->connected());
}

TEST(Rooms, AFullDocumentRefusesEditsAndKeepsItsReaders) {
  Limits limits;
  limits.document_bytes = 80'000;
  World world({.limits = limits});
  SimClient& ann = world.join("ann");
  SimClient& bob = world.join("bob");
  ann.type(std::string(30'000, 'x'));
  world.settle();
  ann.type(std::string(50'000, 'y'));
  // It would fit. But what comes behind what was left out would wait for it for ever.
  ann.type("too much");
  world.settle();
  EXPECT_TRUE(ann.connected());
  EXPECT_TRUE(bob.connected());
  EXPECT_EQ(bob.text().size(), 30'000u);
  EXPECT_EQ(bob.doc().stats().pending_structs, 0u);
  EXPECT_EQ(stored_text(world).size(), 30'000u);
  EXPECT_EQ(world.join("late").text().size(), 30'000u);
  EXPECT_TRUE(world.logged("room \"r\" is full"));
}

TEST(Rooms, AnEmptyRoomLeavesMemoryAfterAWhile) {
  Limits limits;
  limits.linger_ms = 5'000;
  World world({.limits = limits});
  SimClient& ann = world.join("ann");
  ann.type("kept");
  world.settle();
  ann.go_offline();
  world.run_ms(2'000);
  world.join("bob").go_offline();
  EXPECT_EQ(world.store().count().loads, 1u) << "it had not been gone for long enough";
  world.run_ms(8'000);
  EXPECT_EQ(world.join("cleo").text(), "kept");
  EXPECT_EQ(world.store().count().loads, 2u);
}

// ---- history

std::string epoch_of(World& world, const std::string& room) {
  std::string hex;
  for (const uint8_t byte : world.disk().rooms.at(room).epoch.bytes) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

TEST(Rooms, AClientOfAnotherHistoryIsToldSo) {
  World world;
  world.join("ann").type("x");
  world.settle();
  SimClient& same = world.client({.name = "same", .query = "epoch=" + epoch_of(world, "r")});
  SimClient& other = world.client({.name = "other", .query = "epoch=" + std::string(32, '0')});
  same.go_online();
  other.go_online();
  world.settle();
  EXPECT_TRUE(same.synced());
  EXPECT_EQ(other.close_code(), 4409);
  EXPECT_EQ(other.received.messages, 0u);

  std::string upper = epoch_of(world, "r");
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return std::toupper(c); });
  SimClient& loud = world.client({.name = "loud", .query = "epoch=" + upper});
  loud.go_online();
  world.settle();
  EXPECT_TRUE(loud.synced()) << "hexadecimal digits are what they are in capitals";
}

TEST(Rooms, ABusyRoomIsCompactedAndKeepsWhatIsAppendedMeanwhile) {
  Limits limits;
  limits.compact_updates = 5;
  Weather weather;
  weather.worker = {400 * kMs, 400 * kMs};  // the merge takes its time, and so does every append
  World world({.limits = limits, .weather = weather});
  SimClient& ann = world.join("ann");
  size_t typed = 0;
  for (; world.store().count().replaces == 0 && typed < 1'000; ++typed) {
    ann.type("x");
    world.run_ms(50);
  }
  const StoredRoom& room = world.disk().rooms.at("r");
  EXPECT_TRUE(room.snapshot);
  EXPECT_LT(room.through_seq, room.last_seq) << "nothing was appended meanwhile";
  EXPECT_EQ(room.log.size(), room.last_seq - room.through_seq);
  EXPECT_EQ(world.platform().threads().pushed("load"), 0u) << "a merge stood in the way of loads";
  EXPECT_GT(world.platform().threads().pushed("compact"), 0u);
  world.settle();
  EXPECT_EQ(stored_text(world), std::string(typed, 'x'));
  world.kill();
  ann.go_offline();
  world.start();
  EXPECT_EQ(world.join("bob").text(), std::string(typed, 'x'));
}

// The wire of protocol-yjs, but for one answer that it fails to encode.
struct StumblingWire {
  static inline const freshet_protocol* real = nullptr;
  static inline int failures = 0;
  static inline freshet_protocol table{};

  static const freshet_protocol* wrap(const freshet_protocol* wire) {
    real = wire;
    failures = 1;
    table = *wire;
    table.encode = [](void* self, const freshet_delivery* delivery, const freshet_sink* out) {
      if (delivery->kind == FRESHET_DIFF && failures-- > 0) return freshet_status{FRESHET_INTERNAL};
      return real->encode(self, delivery, out);
    };
    return &table;
  }
};

TEST(Rooms, WhomADeliveryCannotBeEncodedForIsSentAwayAndNobodyElse) {
  World world({.shards = 1, .wrap_protocol = StumblingWire::wrap});
  SimClient& ann = world.client({.name = "ann", .comes_back = false});
  SimClient& bob = world.client({.name = "bob", .comes_back = false});
  ann.go_online();
  bob.go_online();
  world.settle();
  EXPECT_EQ(std::max(ann.close_code(), bob.close_code()), 4500);
  EXPECT_NE(ann.synced(), bob.synced()) << "who asks for the same next is answered";
}

TEST(Rooms, AHistoryBeyondWhatOnePeerMaySendIsServedAndCompacted) {
  Limits limits;
  limits.compact_updates = 5;
  World world({.limits = limits});
  // What compaction made of many small updates: a letter each by more clients than one update of a
  // peer may name.
  const uint64_t count = crdt::kMaxClientsPerUpdate + 1;
  Blob snapshot;
  Writer out(snapshot);
  out.varuint(count);
  for (uint64_t client = count; client > 0; --client) {
    for (const uint64_t number : {uint64_t{1}, client, uint64_t{0}}) out.varuint(number);
    out.u8(client == 1 ? 0x04 : 0x84);
    if (client == 1) {
      out.varuint(1);
      out.string("text");
    } else {
      out.varuint(client - 1);
      out.varuint(0);
    }
    out.string("x");
  }
  out.u8(0);
  StoredRoom& room = world.disk().rooms["r"];
  room.snapshot = std::move(snapshot);
  room.through_seq = room.last_seq = 1;

  SimClient& ann = world.join("ann");
  EXPECT_EQ(ann.text().size(), count);
  const std::string much(100'000, 'y');  // compaction waits for a log as large as the snapshot
  for (int i = 0; i < 10; ++i) {
    ann.type(much);
    world.run_ms(50);
  }
  world.settle();
  EXPECT_GE(world.store().count().replaces, 1u);
  EXPECT_EQ(world.join("bob").text().size(), count + 10 * much.size());
}

TEST(Rooms, ACompactionThatFailsChangesNothingAndIsTriedLater) {
  Limits limits;
  limits.compact_updates = 5;
  World world({.limits = limits});
  world.store().fail_replaces(Status::retry);
  SimClient& ann = world.join("ann");
  for (int i = 0; i < 20; ++i) {
    ann.type("x");
    world.run_ms(20);
  }
  world.settle();
  EXPECT_FALSE(world.disk().rooms.at("r").snapshot);
  EXPECT_EQ(stored_text(world), std::string(20, 'x'));
  world.store().heal();
  world.run_ms(62'000);
  EXPECT_TRUE(world.disk().rooms.at("r").snapshot);
  EXPECT_EQ(stored_text(world), std::string(20, 'x'));
}

TEST(Rooms, ARoomThatRottedOnTheDiskHoldsUpNobodyElse) {
  World world({.shards = 1});
  SimClient& ann = world.join("ann", "rotten");
  SimClient& bob = world.join("bob", "sound");
  ann.type("before");
  world.settle();
  world.store().rot("rotten");
  ann.type("after");
  bob.type("safe");
  ASSERT_TRUE(world.run_until([&] { return ann.close_code() == 4500; }));
  world.settle();
  EXPECT_TRUE(bob.acknowledged().structs.contains(bob.id(), 0, 4));
  EXPECT_TRUE(world.logged("the store has damaged bytes of room \"rotten\""));
  EXPECT_EQ(world.metric("freshet_journal_failing"), 0);
}

TEST(Rooms, AHistoryChangedBehindTheServerIsReadAnew) {
  World world;
  SimClient& ann = world.join("ann");
  ann.type("before ");
  world.settle();
  world.store().expect_conflicts();
  StoredRoom& room = world.disk().rooms.at("r");
  room.log.emplace(++room.last_seq, Blob{0, 0});  // somebody else appended nothing much
  ann.type("after");
  ASSERT_TRUE(world.run_until([&] { return ann.close_code() == 4500; }));
  EXPECT_TRUE(world.logged("the store holds updates of room \"r\" that another process wrote"));
  ASSERT_TRUE(world.run_until([&] { return ann.synced(); }));
  world.settle();
  EXPECT_EQ(stored_text(world), "before after") << "the client sent again what was dropped";
}

}  // namespace
}  // namespace freshet::sim
