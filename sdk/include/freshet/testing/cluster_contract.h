// freshet/testing/cluster_contract.h: what every store promises that many nodes share, as
// GoogleTest cases.
//
// Beside store_contract.h, and used as that is, for a store that says `shared`:
//
//   INSTANTIATE_TEST_SUITE_P(Mine, freshet::testing::ClusterContract,
//       ::testing::Values(...));
//
// Each test opens the store twice in one directory, as two nodes would.
#pragma once

#include <chrono>
#include <thread>

#include "freshet/testing/cluster_caller.h"
#include "freshet/testing/store_contract.h"

namespace freshet::testing {

class ClusterContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    ASSERT_TRUE(node().is_shared());
    open_ = GetParam().open(directory(), {});
    ASSERT_NE(open_, nullptr);
    other_.emplace(open_->table(), 'o');
  }
  void TearDown() override {
    other_.reset();
    open_.reset();
    StoreContract::TearDown();
  }

  ClusterCaller node() { return ClusterCaller(table()); }
  // The second node.
  StoreCaller& other() { return *other_; }
  ClusterCaller other_node() { return ClusterCaller(open_->table()); }

  // What a tail says, as content() says it of a load.
  static std::string shown(const Loaded& tail) {
    if (tail.status != Status::ok) return std::string(name_of(tail.status));
    std::ostringstream out;
    const char* between = "";
    for (const auto& [seq, bytes] : tail.snapshots) {
      out << std::exchange(between, " ") << '@' << seq << ':' << bytes;
    }
    for (const auto& [seq, bytes] : tail.updates) {
      out << std::exchange(between, " ") << seq << ':' << bytes;
    }
    return out.str();
  }
  std::string tail(uint64_t after_seq) { return shown(node().tail("r", epoch_of(kA), after_seq)); }

  static bool is_one_of(std::string_view text, std::initializer_list<std::string_view> all) {
    return std::ranges::find(all, text) != all.end();
  }

 private:
  std::unique_ptr<OpenStore> open_;
  std::optional<StoreCaller> other_;
};

// ---- one log, many writers

TEST_P(ClusterContract, WhatOneAppendsTheOtherLoads) {
  ASSERT_EQ(grow("r", 1, 2), Status::ok);
  ASSERT_EQ(other().append({{"r", epoch_of(kA), 3, "x"}, {"s", epoch_of(kB), 1, "y"}}), Status::ok);
  ASSERT_EQ(grow("r", 4, 1), Status::ok);
  EXPECT_EQ(content("r"), "1:1 2:2 3:x 4:4");
  EXPECT_EQ(content("s"), "1:y");
  EXPECT_EQ(other().load("r").updates, store().load("r").updates);
}

TEST_P(ClusterContract, OnlyOneOfTwoIsTheFirst) {
  const Append mine = {
      .room = "r", .epoch = epoch_of(kA), .seq = 0, .update = "x", .only_first = true};
  Append yours = mine;
  yours.epoch = epoch_of(kB);
  yours.update = "y";
  EXPECT_EQ(store().append_as({{'a'}, 0}, 1, {mine}).seqs, std::vector<uint64_t>{1});
  const Appended late = other().append_as({{'b'}, 0}, 1, {yours});
  EXPECT_EQ(late.status, Status::ok);
  EXPECT_EQ(late.seqs, std::vector<uint64_t>{0});
  EXPECT_EQ(late.epochs, std::vector<Epoch>{epoch_of(kA)});
  EXPECT_EQ(content("r"), "1:x");
}

// What was stored is there, and nobody takes it for what it knew.
TEST_P(ClusterContract, ANewHistoryHasEveryRoomUnderAnotherEpoch) {
  if (!FRESHET_HAS(table(), new_history)) GTEST_SKIP() << "begins none";
  for (const char* room : {"a", "b", "c"}) ASSERT_EQ(grow(room, 1, 2), Status::ok);
  ASSERT_EQ(store().erase("b"), Status::ok);
  ASSERT_EQ(grow("d", 1, 1), Status::ok);
  using Names = std::vector<std::string>;
  EXPECT_EQ(node().new_history("", 2), (Names{"a", "c"}));
  EXPECT_EQ(node().new_history("c", 2), (Names{"d"}));
  EXPECT_EQ(node().new_history("d", 2), Names{});
  for (const char* room : {"a", "c"}) {
    EXPECT_EQ(content(room), "1:1 2:2");
    EXPECT_NE(store().load(room).epochs, std::vector<Epoch>{epoch_of(kA)});
    const Loaded tail = node().tail(room, epoch_of(kA), 1);
    EXPECT_EQ(tail.status, Status::conflict);
    EXPECT_TRUE(tail.ended);
    EXPECT_EQ(grow(room, 3, 1), Status::conflict);
  }
  EXPECT_NE(store().load("a").epochs, store().load("c").epochs);
}

// It knows rooms that are no more, or were never.
TEST_P(ClusterContract, ANodeThatRanThroughANewHistoryIsServedNoMore) {
  if (!FRESHET_HAS(table(), new_history)) GTEST_SKIP() << "begins none";
  ASSERT_EQ(grow("r", 1, 2), Status::ok);
  ASSERT_EQ(other_node().node_beat('o', "the other"), Status::ok);
  ASSERT_EQ(node().new_history("", 10), std::vector<std::string>{"r"});
  EXPECT_EQ(other_node().node_beat('o', "the other"), Status::retry);
  EXPECT_EQ(other().append({{"n", epoch_of(kB), 1, "x"}}), Status::retry);
  EXPECT_EQ(other().load("r").status, Status::retry);
  EXPECT_EQ(store().load("n").status, Status::not_found);
  EXPECT_EQ(node().node_beat('m', "this one"), Status::ok);
}

// It may come again by another connection, or by another node in the writer's name.
TEST_P(ClusterContract, ABatchThatComesAgainElsewhereIsWrittenOnce) {
  const freshet_writer writer{{'w'}, 3};
  const std::vector<Append> batch = {{"r", epoch_of(kA), 1, "x"}, {"s", epoch_of(kA), 1, "y"}};
  ASSERT_EQ(store().append_as(writer, 7, batch).status, Status::ok);
  EXPECT_EQ(other().append_as(writer, 7, batch).seqs, (std::vector<uint64_t>{1, 1}));
  EXPECT_EQ(content("r"), "1:x");
  EXPECT_EQ(other().append_as(writer, 8, {{"r", epoch_of(kA), 0, "z"}}).seqs,
            std::vector<uint64_t>{2});
}

// ---- tail

TEST_P(ClusterContract, TailTellsWhatCameAfterAndWhoWroteIt) {
  ASSERT_EQ(grow("r", 1, 2), Status::ok);
  ASSERT_EQ(
      other()
          .append_as({{'b'}, 258}, 1,
                     {{"s", epoch_of(kA), 1, "-"},
                      {"r", epoch_of(kA), 0, "x", "ada", 1'700'000'000'000, 1'700'000'000'025}})
          .status,
      Status::ok);
  const Loaded tail = node().tail("r", epoch_of(kA), 2);
  EXPECT_EQ(tail.status, Status::ok);
  EXPECT_EQ(tail.last_seq, 3u);
  const std::string writer =
      std::string("b") + std::string(15, '\0') + std::string("\0\0\x01\x02", 4);
  const std::vector<Row> rows = {{3, "x", "ada", 1'700'000'000'000, 1'700'000'000'025, writer, 2}};
  EXPECT_EQ(tail.rows, rows);
  EXPECT_TRUE(tail.snapshots.empty());
  EXPECT_EQ(this->tail(0), "1:1 2:2 3:x");
}

TEST_P(ClusterContract, TailOfNothingNewSaysWhereTheLogEnds) {
  ASSERT_EQ(grow("r", 1, 3), Status::ok);
  const Loaded at_end = node().tail("r", epoch_of(kA), 3);
  EXPECT_EQ(at_end.status, Status::ok);
  EXPECT_EQ(at_end.last_seq, 3u);
  EXPECT_TRUE(at_end.rows.empty());
  const Loaded beyond = node().tail("r", epoch_of(kA), 5);
  EXPECT_EQ(beyond.status, Status::ok);
  EXPECT_EQ(beyond.last_seq, 3u);
  EXPECT_TRUE(beyond.rows.empty());
}

// Where the rows are gone their snapshot is told, so nothing is passed over.
TEST_P(ClusterContract, TailAfterAFoldLeavesNothingOut) {
  ASSERT_EQ(grow("r", 1, 4), Status::ok);
  ASSERT_EQ(other().replace("r", epoch_of(kA), 3, "S"), Status::ok);
  EXPECT_TRUE(is_one_of(tail(0), {"1:1 2:2 3:3 4:4", "@3:S 4:4"})) << tail(0);
  EXPECT_TRUE(is_one_of(tail(2), {"3:3 4:4", "@3:S 4:4"})) << tail(2);
  EXPECT_EQ(tail(3), "4:4");
  EXPECT_EQ(content("r"), "@3:S 4:4");
  ASSERT_EQ(store().put("p", epoch_of(kA), "P"), Status::ok);
  EXPECT_EQ(shown(other_node().tail("p", epoch_of(kA), 0)), "");
}

// A failover may have put others where the ones were that the snapshot is of.
TEST_P(ClusterContract, AFoldIsOfWhatWasRead) {
  const freshet_writer writer{{'f'}, 3};
  ASSERT_EQ(other()
                .append_as(writer, 1, {{"r", epoch_of(kA), 1, "1"}, {"r", epoch_of(kA), 0, "2"}})
                .status,
            Status::ok);
  freshet_fold fold{};
  fold.size = sizeof(fold);
  fold.room = to_c(std::string_view("r"));
  fold.epoch = epoch_of(kA);
  fold.through_seq = 2;
  fold.writer = {{'g'}, 3};
  fold.last_number = 2;
  fold.snapshot = to_c(as_bytes(std::string_view("S")));
  EXPECT_EQ(node().fold(fold), Status::conflict) << "another writer";
  fold.writer = {{'f'}, 4};
  EXPECT_EQ(node().fold(fold), Status::conflict) << "another shard";
  fold.writer = writer;
  fold.last_number = 1;
  EXPECT_EQ(node().fold(fold), Status::conflict) << "another update";
  fold.last_number = 2;
  fold.through_seq = 3;
  EXPECT_EQ(node().fold(fold), Status::conflict) << "nothing is there";
  fold.through_seq = 2;
  fold.epoch = epoch_of(kB);
  EXPECT_EQ(node().fold(fold), Status::conflict) << "another history";
  EXPECT_EQ(content("r"), "1:1 2:2");
  fold.epoch = epoch_of(kA);
  EXPECT_EQ(node().fold(fold), Status::ok);
  EXPECT_EQ(content("r"), "@2:S");
}

// A failover may have put it there, and a fold hidden it.
TEST_P(ClusterContract, WhoWroteTheLastRowIsRememberedWhenItIsFolded) {
  ASSERT_EQ(other().append_as({{'a'}, 0}, 4, {{"r", epoch_of(kA), 1, "x"}}).status, Status::ok);
  ASSERT_EQ(store().replace("r", epoch_of(kA), 1, "S"), Status::ok);
  ASSERT_EQ(store().replace("r", epoch_of(kA), 1, "T"), Status::ok);
  EXPECT_EQ(node().heads({"r"}), (std::vector<Head>{{epoch_of(kA), 1, 1}}));
  EXPECT_EQ(store().load("r").snapshot_writer_number, 1u);
  EXPECT_EQ(other().append_as({{'b'}, 0}, 1, {{"r", epoch_of(kA), 0, "y"}}).before,
            std::vector<uint64_t>{1});
  ASSERT_EQ(store().put("r", epoch_of(kB), "U"), Status::ok);
  EXPECT_EQ(node().heads({"r"}), (std::vector<Head>{{epoch_of(kB), 0, 0}}));
  EXPECT_EQ(store().load("r").snapshot_writer_number, 0u);
}

TEST_P(ClusterContract, AnAppendSaysBehindWhatItIs) {
  ASSERT_EQ(store().append_as({{'a'}, 0}, 1, {{"r", epoch_of(kA), 1, "x"}}).before,
            std::vector<uint64_t>{0});
  const Append here = {"r", epoch_of(kA), 0, "y"}, first = {"s", epoch_of(kA), 1, "z"};
  ASSERT_EQ(other().append_as({{'b'}, 0}, 7, {first, here, here}).before,
            (std::vector<uint64_t>{0, 1, 0}))
      << "only of what is not of the batch";
  EXPECT_EQ(store().append_as({{'a'}, 0}, 2, {here}).before, std::vector<uint64_t>{3});
}

TEST_P(ClusterContract, ALoadSaysWhoWroteEachRow) {
  ASSERT_EQ(other().append_as({{'b'}, 258}, 1, {{"r", epoch_of(kA), 1, "x"}}).status, Status::ok);
  const Loaded loaded = store().load("r");
  ASSERT_EQ(loaded.rows.size(), 1u);
  EXPECT_EQ(loaded.rows[0].writer,
            std::string("b") + std::string(15, '\0') + std::string("\0\0\x01\x02", 4));
  EXPECT_EQ(loaded.rows[0].writer_number, 1u);
}

TEST_P(ClusterContract, TailComesInParts) {
  ASSERT_EQ(grow("r", 1, 50), Status::ok);
  std::vector<std::pair<uint64_t, std::string>> all;
  for (int parts = 0; parts < 51 && all.size() < 50; ++parts) {
    const Loaded part = node().tail("r", epoch_of(kA), all.size(), 10);
    ASSERT_EQ(part.status, Status::ok);
    ASSERT_FALSE(part.updates.empty());
    EXPECT_LT(part.updates.size(), 25u);
    EXPECT_EQ(part.last_seq, 50u);
    all.insert(all.end(), part.updates.begin(), part.updates.end());
  }
  EXPECT_EQ(all, store().load("r").updates);
}

TEST_P(ClusterContract, TailKnowsAnotherHistory) {
  EXPECT_EQ(tail(0), "not found");
  ASSERT_EQ(other().put("r", epoch_of(kB), "S"), Status::ok);
  const Loaded tail = node().tail("r", epoch_of(kA), 0);
  EXPECT_EQ(tail.status, Status::conflict);
  EXPECT_EQ(tail.epochs, std::vector<Epoch>{epoch_of(kB)});
  EXPECT_FALSE(tail.ended) << "nobody has ever had that one";
}

// A node that had the room open is to know it from a database that has lost the room.
TEST_P(ClusterContract, TailSaysThatAHistoryWasEnded) {
  ASSERT_EQ(grow("r", 1, 2), Status::ok);
  ASSERT_EQ(other().put("r", epoch_of(kB), "S"), Status::ok);
  EXPECT_TRUE(node().tail("r", epoch_of(kA), 0).ended);
  EXPECT_FALSE(node().tail("r", epoch_of(kB), 0).ended);
  ASSERT_EQ(other().erase("r"), Status::ok);
  const Loaded erased = node().tail("r", epoch_of(kB), 0);
  EXPECT_EQ(erased.status, Status::not_found);
  EXPECT_TRUE(erased.ended);
  EXPECT_EQ(erased.epochs, store().load("r").epochs) << "what the next is to be called";
  EXPECT_TRUE(node().tail("r", epoch_of(kA), 0).ended) << "so was the one before";
}

TEST_P(ClusterContract, HeadsTellWhereEachLogEnds) {
  ASSERT_EQ(grow("r", 1, 3), Status::ok);
  ASSERT_EQ(store().put("p", epoch_of(kB), "S"), Status::ok);
  const std::vector<Head> heads = other_node().heads({"p", "nowhere", "r", "p"});
  const std::vector<Head> expected = {
      {epoch_of(kB), 0, 0}, {}, {epoch_of(kA), 3, 3}, {epoch_of(kB), 0, 0}};
  EXPECT_EQ(heads, expected);
  EXPECT_TRUE(other_node().heads({}).empty());
}

// ---- erase

// Whoever found nothing before may have heard what was in it since.
TEST_P(ClusterContract, WhatWasErasedIsBegunAnewOnlyByThoseWhoKnow) {
  ASSERT_EQ(grow("r", 1, 2), Status::ok);
  ASSERT_EQ(other().erase("r"), Status::ok);
  std::vector<std::string> offenders;
  EXPECT_EQ(store().append({{"r", epoch_of(kB), 1, "x"}}, &offenders), Status::conflict);
  EXPECT_EQ(offenders, std::vector<std::string>{"r"});
  EXPECT_EQ(grow("r", 3, 1), Status::conflict);
  EXPECT_EQ(tail(0), "not found");
  EXPECT_EQ(node().heads({"r"}), std::vector<Head>{{}});
  EXPECT_TRUE(names("", 10).empty());
  EXPECT_EQ(store().info("r").status, Status::not_found);
  EXPECT_EQ(store().erase("r"), Status::not_found);
  const Loaded gone = store().load("r");
  EXPECT_EQ(gone.status, Status::not_found);
  ASSERT_EQ(gone.epochs.size(), 1u);
  const Append seed = {
      .room = "r", .epoch = gone.epochs[0], .seq = 0, .update = "x", .only_first = true};
  EXPECT_EQ(store().append_as({{'a'}, 0}, 1, {seed}).seqs, std::vector<uint64_t>{1});
  EXPECT_EQ(content("r"), "1:x");
}

// ---- nodes

TEST_P(ClusterContract, NodesAreKnownByTheirBeats) {
  EXPECT_EQ(node().node_beat('a', "first"), Status::ok);
  EXPECT_EQ(other_node().node_beat('b', "second"), Status::ok);
  std::vector<KnownNode> all;
  EXPECT_EQ(node().node_beat('a', "first, later", &all), Status::ok);
  const std::vector<KnownNode> both = {{'a', 2, "first, later"}, {'b', 1, "second"}};
  EXPECT_EQ(all, both);
}

TEST_P(ClusterContract, ANodeThatWasEndedDoesNotComeBack) {
  ASSERT_EQ(node().node_beat('a', ""), Status::ok);
  ASSERT_EQ(node().rooms_open('a', {"r"}), Status::ok);
  EXPECT_EQ(other_node().node_end('a'), Status::ok);
  EXPECT_EQ(other_node().node_end('a'), Status::not_found);
  EXPECT_EQ(other_node().node_end('x'), Status::not_found);
  EXPECT_EQ(node().node_beat('a', ""), Status::conflict);
  EXPECT_EQ(node().rooms_open('a', {"r"}), Status::conflict);
  EXPECT_EQ(node().room_nodes("r"), "");
  std::vector<KnownNode> all;
  EXPECT_EQ(other_node().node_beat('b', "", &all), Status::ok);
  EXPECT_EQ(all, (std::vector<KnownNode>{{'b', 1, ""}}));
}

TEST_P(ClusterContract, OnlyANodeThatLivesOpensRooms) {
  EXPECT_EQ(node().rooms_open('a', {"r"}), Status::conflict);
  ASSERT_EQ(node().node_beat('a', ""), Status::ok);
  ASSERT_EQ(other_node().node_beat('b', ""), Status::ok);
  EXPECT_EQ(node().rooms_open('a', {"r", "s"}), Status::ok);
  EXPECT_EQ(node().rooms_open('a', {"r"}), Status::ok);
  EXPECT_EQ(other_node().rooms_open('b', {"r"}), Status::ok);
  EXPECT_EQ(node().room_nodes("r"), "ab");
  EXPECT_EQ(node().room_nodes("s"), "a");
  EXPECT_EQ(node().room_nodes("nowhere"), "");
  EXPECT_TRUE(node().rooms_close('a', {"r"}, false).empty());
  EXPECT_EQ(other_node().room_nodes("r"), "b");
}

// ---- notices

TEST_P(ClusterContract, TheLastOneOutLeavesANotice) {
  ASSERT_EQ(node().node_beat('a', ""), Status::ok);
  ASSERT_EQ(other_node().node_beat('b', ""), Status::ok);
  ASSERT_EQ(grow("r", 1, 1), Status::ok);
  ASSERT_EQ(node().rooms_open('a', {"r", "new", "quiet"}), Status::ok);
  ASSERT_EQ(other_node().rooms_open('b', {"r"}), Status::ok);
  EXPECT_TRUE(node().rooms_close('a', {"r"}, true).empty());
  EXPECT_TRUE(node().rooms_close('a', {"quiet", "never open"}, false).empty());
  EXPECT_TRUE(node().rooms_close('a', {"quiet", "never open"}, true).empty());
  const std::vector<RoomNotice> of_r = other_node().rooms_close('b', {"r"}, true);
  ASSERT_EQ(of_r.size(), 1u);
  EXPECT_EQ(of_r[0].room, "r");
  EXPECT_EQ(of_r[0].epoch, std::optional(epoch_of(kA)));
  const std::vector<RoomNotice> of_new = node().rooms_close('a', {"new"}, true);
  ASSERT_EQ(of_new.size(), 1u);
  EXPECT_FALSE(of_new[0].epoch.has_value());
  EXPECT_GT(of_new[0].id, of_r[0].id);

  EXPECT_EQ(node().notices(), (std::vector<RoomNotice>{of_r[0], of_new[0]}));
  EXPECT_EQ(node().notices(0, 1), of_r);
  EXPECT_EQ(node().notices(of_r[0].id), of_new);
  EXPECT_EQ(other_node().notice_remove(of_r[0].id), Status::ok);
  EXPECT_EQ(other_node().notice_remove(of_r[0].id), Status::not_found);
  EXPECT_EQ(node().notices(), of_new);

  // The next end of the same room is another.
  ASSERT_EQ(node().rooms_open('a', {"r"}), Status::ok);
  const std::vector<RoomNotice> again = node().rooms_close('a', {"r"}, true);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_GT(again[0].id, of_new[0].id);
}

TEST_P(ClusterContract, ANodeThatIsEndedLeavesNoticesOfWhatOnlyItHadOpen) {
  ASSERT_EQ(node().node_beat('a', ""), Status::ok);
  ASSERT_EQ(other_node().node_beat('b', ""), Status::ok);
  ASSERT_EQ(node().rooms_open('a', {"both", "only a"}), Status::ok);
  ASSERT_EQ(other_node().rooms_open('b', {"both"}), Status::ok);
  ASSERT_EQ(other_node().node_end('a', true), Status::ok);
  const std::vector<RoomNotice> left = other_node().notices();
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].room, "only a");
  ASSERT_EQ(other_node().node_end('b', false), Status::ok);
  EXPECT_EQ(other_node().notices(), left);
}

// ---- claims

TEST_P(ClusterContract, AClaimIsOnesUntilItEnds) {
  const uint32_t long_ms = 60'000;
  EXPECT_EQ(node().claim("c", 'a', long_ms), Status::ok);
  EXPECT_EQ(other_node().claim("c", 'b', long_ms), Status::conflict);
  EXPECT_EQ(other_node().claim("d", 'b', long_ms), Status::ok);
  EXPECT_EQ(node().claim("c", 'a', long_ms), Status::ok);
  EXPECT_EQ(other_node().claim("c", 'b', 0), Status::conflict);
  EXPECT_EQ(node().claim("c", 'a', 0), Status::ok);
  EXPECT_EQ(node().claim("c", 'a', 0), Status::ok);
  EXPECT_EQ(other_node().claim("c", 'b', 50), Status::ok);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(node().claim("c", 'a', long_ms), Status::ok);
}

TEST_P(ClusterContract, ANodeThatIsEndedHasClaimedNothing) {
  ASSERT_EQ(node().node_beat('a', ""), Status::ok);
  ASSERT_EQ(node().claim("c", 'a', 60'000), Status::ok);
  ASSERT_EQ(other_node().node_end('a'), Status::ok);
  EXPECT_EQ(other_node().claim("c", 'b', 60'000), Status::ok);
}

}  // namespace freshet::testing
