// The document of one room, without the room: loaded, changed, lent, let go of, compacted.
#include "core/residence/residence.h"

#include "core/tests/rooms/one_shard.h"

namespace freshet::sim {
namespace {

Limits small_logs() {
  Limits limits;
  limits.compact_updates = 5;
  return limits;
}

struct ResidenceTest : ::testing::Test {
  // It is loaded.
  void SetUp() override {
    owner.noting = &residence;
    residence.load();
    shard.settle();
    ASSERT_EQ(owner.loaded, std::vector{Status::ok});
  }
  enum class Rows { each, merged };
  void type(const std::string& text, Rows rows = Rows::each) {
    const auto update = author.type({"text"}, author.length({"text"}), text);
    freshet_applied applied{};
    const Result<Bytes> taken = residence.apply(FRESHET_UPDATE_V1, update, applied);
    ASSERT_TRUE(taken);
    ASSERT_EQ(applied.changed, 1u);
    residence.keep(*taken, {}, rows == Rows::merged ? applied : freshet_applied{});
  }
  bool has_content() {
    const Result<StateVector> here = residence.state_vector();
    return here && here->has_content();
  }
  // Where the one copy of it is.
  const uint8_t* state_vector() {
    const Result<StateVector> here = residence.state_vector();
    return here ? here->bytes().data() : nullptr;
  }
  std::string text() {
    std::vector<uint8_t> update;
    return residence.diff({}, update) == Status::ok ? text_of(update) : "no diff";
  }
  std::unique_ptr<LongUpdate> long_update(const std::string& text) {
    auto work = std::make_unique<LongUpdate>();
    work->format = FRESHET_UPDATE_V1;
    work->bytes = author.type({"text"}, author.length({"text"}), text);
    return work;
  }
  // As if the room had been used a while ago.
  void wait_until_unused() {
    shard.run_ms(6'000);
    ASSERT_TRUE(residence.may_let_go(5'000));
  }

  OneShard shard{small_logs()};
  DocumentOwner owner{"r"};
  Residence residence{shard.services(), owner};
  Author author{7};
};

TEST_F(ResidenceTest, WhatTheStoreDoesNotKnowBeginsEmptyUnderItsOwnEpoch) {
  EXPECT_FALSE(has_content());
  EXPECT_EQ(text(), "");
  DocumentOwner other_owner{"other"};
  Residence other{shard.services(), other_owner};
  other.load();
  shard.settle();
  EXPECT_NE(as_text(Bytes(residence.history().epoch.bytes)),
            as_text(Bytes(other.history().epoch.bytes)));
}

// Rooms by the thousand may be brought a document each before any of them has its next tick.
TEST_F(ResidenceTest, WhatAnUpdateMightHaveTakenAtMostIsNotHeldOnceItIsIn) {
  const int64_t before = shard.budget_bytes();
  type(std::string(32'000, 'x'));
  EXPECT_LT(shard.budget_bytes() - before, 4 * 32'000);
  for (int i = 0; i < 100; ++i) type("y");
  EXPECT_LT(shard.budget_bytes() - before, 6 * 32'000);
}

TEST_F(ResidenceTest, WhatIsKeptIsSavedAndToldOnce) {
  const uint64_t before = residence.version();
  type("hello");
  EXPECT_EQ(residence.version(), before + 1);
  EXPECT_FALSE(residence.saved().all());
  shard.settle();
  EXPECT_TRUE(residence.saved().all());
  EXPECT_EQ(owner.saved, 1u);
  EXPECT_EQ(shard.disk().rooms.at("r").log.size(), 1u);
}

TEST_F(ResidenceTest, WhatIsKeptIsStoredWithItsAuthor) {
  type("hello");
  const auto update = author.type({"text"}, 0, "x");
  freshet_applied applied{};
  ASSERT_TRUE(residence.apply(FRESHET_UPDATE_V1, update, applied));
  residence.keep(update, "ada");
  shard.settle();
  const std::map<uint64_t, std::string> authors = {{2, "ada"}};
  EXPECT_EQ(shard.disk().rooms.at("r").authors, authors);
}

TEST_F(ResidenceTest, WhatOneWriterKeepsWhileTheStoreWritesIsARowAndCountsAsOne) {
  shard.store().hold(true);
  for (int i = 0; i < 10; ++i) type("x", Rows::merged);
  shard.store().hold(false);
  shard.settle();
  EXPECT_EQ(shard.disk().rooms.at("r").log.size(), 2u);
  residence.compact_if_due();
  EXPECT_TRUE(residence.at_rest()) << "two rows are no long log";
  wait_until_unused();
  ASSERT_EQ(residence.let_go(), Status::ok);
  residence.load();
  shard.settle();
  EXPECT_EQ(text(), "xxxxxxxxxx");
}

// Somebody was first to write into a room that both had found nowhere.
TEST_F(ResidenceTest, AHistoryThatIsThereMeanwhileIsGoneOnWith) {
  freshet_epoch epoch{};
  epoch.bytes[0] = 7;
  shard.disk().rooms["r"].epoch = epoch;
  type("hello");
  shard.settle();
  EXPECT_EQ(owner.saved, 1u);
  EXPECT_EQ(as_text(Bytes(residence.history().epoch.bytes)), as_text(Bytes(epoch.bytes)));
  type(" there");
  shard.settle();
  EXPECT_EQ(shard.disk().rooms.at("r").log.size(), 2u);
}

Stored stored_at(uint64_t seq) {
  Stored stored;
  stored.rows = 1;
  stored.last_seq = seq;
  return stored;
}

TEST_F(ResidenceTest, UpdatesOfSomebodyElseInTheStoreAreNoticed) {
  type("hello");
  shard.settle();
  EXPECT_EQ(residence.note_stored(stored_at(2)), Status::ok);
  EXPECT_EQ(residence.note_stored(stored_at(4)), Status::conflict);
}

TEST_F(ResidenceTest, WhatIsMalformedChangesNothing) {
  type("hello");
  freshet_applied applied{};
  const std::vector<uint8_t> nonsense(10, 0xff);
  const Result<Bytes> taken = residence.apply(FRESHET_UPDATE_V1, nonsense, applied);
  EXPECT_EQ(taken.status(), Status::malformed);
  EXPECT_FALSE(residence.broken());
  EXPECT_EQ(text(), "hello");
}

TEST_F(ResidenceTest, AStateVectorIsMadeOnceForEachVersion) {
  type("hello");
  const Result<StateVector> first = residence.state_vector();
  ASSERT_TRUE(first);
  EXPECT_EQ(state_vector(), first->bytes().data());
  type(" there");
  EXPECT_NE(state_vector(), first->bytes().data());
  EXPECT_LT(first->version(), residence.version()) << "who has it has it still";
}

TEST_F(ResidenceTest, WithoutAStateVectorTheDocumentStaysAndIsNotCalledEmpty) {
  type("hello");
  wait_until_unused();
  shard.engine().fail_state_vector(FRESHET_RETRY);
  EXPECT_EQ(residence.let_go(), Status::retry);
  EXPECT_NE(residence.document(), nullptr);
  EXPECT_EQ(shard.count().hibernations.get(), 0);
  shard.engine().fail_state_vector(FRESHET_RETRY);
  EXPECT_EQ(residence.lend(long_update(" there")), Status::retry);
  EXPECT_NE(residence.document(), nullptr);
  EXPECT_TRUE(residence.at_rest());
  EXPECT_TRUE(has_content());
  EXPECT_EQ(residence.let_go(), Status::ok);
}

TEST_F(ResidenceTest, WhatIsLetGoOfComesBackAsItWas) {
  type("hello");
  wait_until_unused();
  const uint64_t version = residence.version();
  ASSERT_EQ(residence.let_go(), Status::ok);
  EXPECT_EQ(residence.document(), nullptr);
  EXPECT_TRUE(has_content()) << "known without the document";

  residence.load();
  shard.settle();
  EXPECT_EQ(owner.loaded, (std::vector{Status::ok, Status::ok}));
  EXPECT_EQ(residence.version(), version) << "who reads slowly has missed nothing";
  EXPECT_EQ(text(), "hello");
}

TEST_F(ResidenceTest, WhatSomebodyElseWroteIntoMeanwhileIsNotTheSame) {
  type("hello");
  wait_until_unused();
  ASSERT_EQ(residence.let_go(), Status::ok);
  StoredRoom& stored = shard.disk().rooms.at("r");
  stored.log.emplace(++stored.last_seq, author.type({"text"}, 5, "!"));
  residence.load();
  shard.settle();
  EXPECT_EQ(owner.loaded.back(), Status::conflict);
  EXPECT_EQ(residence.document(), nullptr);
}

TEST_F(ResidenceTest, WhatIsUnsavedOrWasNeverWrittenStays) {
  shard.run_ms(6'000);
  EXPECT_FALSE(residence.may_let_go(5'000)) << "the store does not know it";
  shard.store().hold(true);
  type("hello");
  shard.run_ms(6'000);
  EXPECT_FALSE(residence.may_let_go(5'000));
  shard.store().hold(false);
  shard.settle();
  EXPECT_TRUE(residence.may_let_go(5'000));
}

TEST_F(ResidenceTest, AWorkerHasTheDocumentUntilItIsTakenBack) {
  type("hello");
  ASSERT_EQ(residence.lend(long_update(" there")), Status::ok);
  EXPECT_TRUE(residence.away());
  EXPECT_EQ(residence.document(), nullptr);
  EXPECT_FALSE(residence.at_rest());
  EXPECT_TRUE(has_content()) << "known without the document";
  shard.settle();
  ASSERT_NE(owner.worked, nullptr);
  EXPECT_EQ(owner.worked->status, Status::ok);
  EXPECT_EQ(owner.worked->applied.changed, 1u);
  EXPECT_EQ(residence.document(), nullptr) << "it is the owner's to take back";

  residence.take_back(*owner.worked);
  EXPECT_TRUE(residence.at_rest());
  EXPECT_EQ(text(), "hello there");
}

TEST_F(ResidenceTest, WhatAWorkerBrokeIsBroken) {
  ASSERT_EQ(residence.lend(long_update("hello")), Status::ok);
  shard.settle();
  owner.worked->status = Status::internal;
  residence.take_back(*owner.worked);
  EXPECT_TRUE(residence.broken());
}

TEST_F(ResidenceTest, ALongLogIsReplacedByASnapshot) {
  for (int i = 0; i < 6; ++i) type("x");
  shard.settle();
  residence.compact_if_due();
  EXPECT_FALSE(residence.at_rest());
  shard.settle();
  EXPECT_TRUE(residence.at_rest());
  EXPECT_EQ(shard.count().compactions.get(), 1);
  EXPECT_TRUE(shard.disk().rooms.at("r").log.empty());
  residence.compact_if_due();
  EXPECT_TRUE(residence.at_rest()) << "nothing has been written since";
}

// As another node of the cluster may, of which this one hears nothing.
TEST_F(ResidenceTest, ALogThatSomebodyElseHasReplacedIsLeftAlone) {
  for (int i = 0; i < 6; ++i) type("x");
  shard.settle();
  StoredRoom& stored = shard.disk().rooms.at("r");
  ASSERT_EQ(residence.diff({}, stored.snapshot.emplace()), Status::ok);
  stored.through_seq = stored.last_seq;
  stored.log.clear();
  type("y");
  shard.settle();
  residence.compact_if_due();
  shard.settle();
  EXPECT_EQ(shard.count().compactions.get(), 0);
  EXPECT_EQ(stored.log.size(), 1u);
  residence.compact_if_due();
  EXPECT_TRUE(residence.at_rest()) << "it knows now how long the log is";
  for (int i = 0; i < 5; ++i) type("z");
  shard.settle();
  residence.compact_if_due();
  shard.settle();
  EXPECT_EQ(shard.count().compactions.get(), 1);
}

TEST_F(ResidenceTest, ACompactionThatFailsIsNotTriedAgainAtOnce) {
  shard.store().fail_replaces(Status::retry);
  for (int i = 0; i < 6; ++i) type("x");
  shard.settle();
  residence.compact_if_due();
  shard.settle();
  residence.compact_if_due();
  EXPECT_TRUE(residence.at_rest());
  EXPECT_NE(shard.log().find("could not be compacted"), std::string::npos);

  shard.store().heal();
  shard.run_ms(60'000);
  residence.compact_if_due();
  shard.settle();
  EXPECT_EQ(shard.count().compactions.get(), 1);
}

TEST(Residence, ThatCannotBeReadSaysSoAndIsLoadedWhenItCan) {
  OneShard shard;
  DocumentOwner owner{"r"};
  Residence residence{shard.services(), owner};
  shard.store().fail_loads(Status::retry);
  residence.load();
  shard.settle();
  EXPECT_EQ(owner.loaded, std::vector{Status::retry});
  EXPECT_EQ(residence.document(), nullptr);
  shard.store().heal();
  residence.load();
  shard.settle();
  EXPECT_EQ(owner.loaded.back(), Status::ok);
}

}  // namespace
}  // namespace freshet::sim
