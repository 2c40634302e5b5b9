// When a journal's batches leave, and what is in them: the journal by itself, on a store that takes
// its time.
#include <gtest/gtest.h>

#include "core/store/limits.h"
#include "core/tests/rooms/one_shard.h"

namespace freshet::sim {
namespace {

constexpr uint64_t kBoundMs = kMaxCommitWindowNs / 1'000'000;

struct Writing final : Journaled {
  explicit Writing(std::string name_of_it) : named(std::move(name_of_it)) {}
  const std::string& name() const override { return named; }
  void on_saved(const Stored& stored) override {
    last_seq = stored.last_seq;
    rows += stored.rows;
  }
  void on_refused(Status) override { ++refused; }

  const std::string named;
  uint64_t last_seq = 0;
  size_t rows = 0, refused = 0;
};

struct CommitsTest : ::testing::Test {
  explicit CommitsTest(const Limits& limits = {}) : shard(limits) {}
  void disk_takes(uint64_t us) {
    shard.weather().disk = {us, us};
    shard.weather().worker = {0, 0};
  }
  uint64_t append(Writing& room, Author& author, std::string_view user = "") {
    return journal.append(room, {.epoch = {},
                                 .is_new = true,
                                 .author = user,
                                 .writer = author.client(),
                                 .patience_ns = patience_ns,
                                 .update = author.type({"t"}, author.length({"t"}), "x")});
  }
  // Until the pace knows what a commit takes.
  void warm_up() {
    for (int i = 0; i < 40; ++i) {
      append(r, ann);
      shard.run_ms(50);
    }
    ASSERT_TRUE(journal.idle());
  }
  uint64_t appends() { return shard.store().count().appends; }

  OneShard shard;
  Journal& journal = shard.services().journal;
  Writing r{"r"}, other{"other"};
  Author ann{1}, bob{2}, cleo{3};
  uint64_t patience_ns = 0;  // of what is appended
};

TEST_F(CommitsTest, WhatComesAfterAPauseLeavesAtOnce) {
  disk_takes(kMs);
  warm_up();
  const uint64_t at = append(r, ann);
  shard.run_ms(1);
  EXPECT_EQ(journal.saved(), at);
}

TEST_F(CommitsTest, ABurstOnASlowStoreSharesItsCommits) {
  disk_takes(kMs);
  warm_up();
  const uint64_t before = appends();
  for (int ms = 0; ms < 200; ++ms) {
    append(r, ann);
    shard.run_ms(1);
  }
  shard.run_ms(10);
  EXPECT_TRUE(journal.idle());
  EXPECT_EQ(journal.saved(), 240u);
  EXPECT_LE(appends() - before, 200 / (kBoundMs - 1) + 2);
}

TEST_F(CommitsTest, ACommitThatCostsLittleIsWaitedForByNobody) {
  disk_takes(kMs / kCommitsShare / 2);
  warm_up();
  const uint64_t before = appends();
  for (int ms = 0; ms < 100; ++ms) {
    append(r, ann);
    shard.run_ms(1);
  }
  EXPECT_EQ(appends() - before, 100u);
}

TEST_F(CommitsTest, NothingWaitsLongerThanTheBoundAndTheDisk) {
  disk_takes(2 * kMs);
  warm_up();
  std::vector<uint64_t> last_of_ms;
  for (size_t ms = 0; ms < 300; ++ms) {
    for (size_t i = 0; i < ms % 7; ++i) append(r, i % 2 == 0 ? ann : bob);
    last_of_ms.push_back(journal.last());
    shard.run_ms(1);
    const size_t at_most = kBoundMs + 2 + 2;  // the commit under way, and its own
    if (ms < at_most) continue;
    EXPECT_GE(journal.saved(), last_of_ms[ms - at_most]) << "at " << ms;
  }
}

TEST_F(CommitsTest, WhatHasPatienceSharesFewerCommits) {
  disk_takes(kMs);
  warm_up();
  patience_ns = 12'000'000;
  const uint64_t before = appends();
  for (int ms = 0; ms < 240; ++ms) {
    append(r, ann);
    shard.run_ms(1);
  }
  shard.run_ms(20);
  EXPECT_TRUE(journal.idle());
  EXPECT_EQ(journal.saved(), 280u);
  EXPECT_LE(appends() - before, 240 / 11 + 2);
}

TEST_F(CommitsTest, NobodyWaitsForTheSakeOfThoseWhoHavePatience) {
  disk_takes(kMs);
  warm_up();
  for (size_t i = 0; i < 20; ++i) {
    patience_ns = kMaxPatienceNs;
    append(r, ann);
    append(r, ann);
    shard.run_ms(2);
    patience_ns = 0;
    const uint64_t at = append(other, bob);
    shard.run_ms(kBoundMs + 2);
    EXPECT_GE(journal.saved(), at);
    shard.run_ms(i % 7);
  }
}

struct SmallBatches : CommitsTest {
  static Limits small() {
    Limits limits;
    limits.batch_updates = 3;
    return limits;
  }
  SmallBatches() : CommitsTest(small()) {}
};

TEST_F(SmallBatches, AFullOneLeavesAtOnce) {
  disk_takes(kMs);
  warm_up();
  append(r, ann);
  shard.run_ms(1);
  append(r, ann);
  append(r, ann);
  EXPECT_LT(journal.saved(), journal.last());
  append(r, ann);
  shard.run_ms(1);
  EXPECT_EQ(journal.saved(), journal.last());
}

TEST_F(CommitsTest, AStoreThatFailsWithinAWindowHasItAllOnceItIsMended) {
  disk_takes(kMs);
  warm_up();
  shard.store().fail_appends(Status::retry);
  for (int i = 0; i < 20; ++i) {
    append(r, i % 2 == 0 ? ann : bob, i % 2 == 0 ? "ann" : "bob");
    shard.run_ms(1);
  }
  shard.run_ms(5'000);
  EXPECT_TRUE(journal.failing());
  EXPECT_EQ(journal.saved(), 40u);
  shard.store().heal();
  shard.run_ms(20'000);
  EXPECT_TRUE(journal.idle());
  EXPECT_EQ(journal.saved(), 60u);
  EXPECT_EQ(journal.unsaved_bytes(), 0u);
  EXPECT_TRUE(shard.verdict().clean()) << shard.verdict().summary();
}

TEST_F(CommitsTest, WhatOneAuthorWroteWithinACommitIsARow) {
  shard.store().hold(true);
  append(r, ann);  // leaves at once
  for (int i = 0; i < 10; ++i) {
    append(r, ann, "ann");
    append(r, bob, "bob");
    append(other, cleo, "cleo");
  }
  shard.store().hold(false);
  shard.settle();
  EXPECT_EQ(journal.saved(), 31u);
  EXPECT_EQ(r.rows, 3u);
  EXPECT_EQ(r.last_seq, 3u);
  EXPECT_EQ(other.rows, 1u);
  const std::map<uint64_t, std::string> authors = {{2, "ann"}, {3, "bob"}};
  EXPECT_EQ(shard.disk().rooms.at("r").authors, authors);
  EXPECT_TRUE(shard.disk().ids("r").structs.contains(ann.client(), 0, 11));
  EXPECT_TRUE(shard.disk().ids("r").structs.contains(bob.client(), 0, 10));
  EXPECT_EQ(shard.count("freshet_journal_updates_total"), 31);
  EXPECT_EQ(shard.count("freshet_journal_rows_total"), 4);
}

TEST_F(CommitsTest, AMergedBatchThatComesAgainIsTheSame) {
  shard.weather().append_unknown_percent = 100;
  for (int i = 0; i < 20; ++i) append(r, i % 2 == 0 ? ann : bob);
  shard.settle();
  EXPECT_EQ(journal.saved(), 20u);
  EXPECT_EQ(r.rows, 3u) << "the first, and what came meanwhile of each";
  EXPECT_EQ(shard.store().count().appends, 4u);
  EXPECT_TRUE(shard.verdict().clean()) << shard.verdict().summary();
}

TEST_F(CommitsTest, ARoomThatIsRefusedTakesItsMergedRowsWithIt) {
  shard.store().hold(true);
  append(r, ann);
  for (int i = 0; i < 5; ++i) {
    append(r, ann, "ann");
    append(other, cleo, "cleo");
    append(r, bob, "bob");
  }
  shard.store().rot("other");
  shard.store().hold(false);
  shard.settle();
  EXPECT_EQ(other.refused, 1u);
  EXPECT_EQ(other.rows, 0u);
  EXPECT_EQ(r.rows, 3u);
  EXPECT_TRUE(journal.idle());
  EXPECT_EQ(journal.saved(), 16u);
  EXPECT_EQ(journal.unsaved_bytes(), 0u);
}

TEST_F(CommitsTest, WhatIsUnsavedIsCountedWithItsAuthors) {
  shard.store().hold(true);
  append(r, ann);
  const size_t before = journal.unsaved_bytes();
  const std::string user(1'000, 'u');
  append(r, ann, user);
  EXPECT_GT(journal.unsaved_bytes(), before + user.size());
  shard.store().hold(false);
  shard.settle();
  EXPECT_EQ(journal.unsaved_bytes(), 0u);
}

}  // namespace
}  // namespace freshet::sim
