// What this store's outbox promises beyond the contract of every outbox.
#include "test_store.h"

namespace freshet::sqlite {

namespace {

class SqliteOutboxTest : public ::testing::Test {
 protected:
  Options options(int64_t entries, int64_t bytes) const {
    return {.path = path,
            .lock_wait_ms = 0,
            .outbox_max_entries = entries,
            .outbox_max_bytes = bytes,
            .vfs = {}};
  }

  const TempDirectory directory;
  const std::string path = directory / "test.db";
  const FakeHost host;
};

TEST_F(SqliteOutboxTest, RefusesMoreEntriesThanATopicMayHaveAndAddsNoneOfThem) {
  TestStore store(options(2, 1000), host);
  ASSERT_TRUE(store.is_open()) << host.log();
  EXPECT_EQ(store->outbox_add("t", {{"a", "1"}, {"a", "2"}, {"a", "3"}}).status, Status::limit);
  EXPECT_TRUE(store->outbox_list("t", false).entries.empty());
  const auto added = store->outbox_add("t", {{"a", "1"}, {"a", "2"}});
  ASSERT_EQ(added.status, Status::ok);
  EXPECT_EQ(store->outbox_add("t", {{"a", "3"}}).status, Status::limit);
  EXPECT_EQ(store->outbox_add("other", {{"a", "3"}}).status, Status::ok);
  ASSERT_EQ(store->outbox_remove("t", {added.entries[0].id}), Status::ok);
  EXPECT_EQ(store->outbox_add("t", {{"a", "3"}}).status, Status::ok);
}

TEST_F(SqliteOutboxTest, RefusesMoreBytesThanATopicMayHave) {
  TestStore store(options(100, 10), host);
  EXPECT_EQ(store->outbox_add("t", {{"a", "12345678901"}}).status, Status::limit);
  EXPECT_EQ(store->outbox_add("t", {{"a", "123456"}}).status, Status::ok);
  EXPECT_EQ(store->outbox_add("t", {{"a", "12345"}}).status, Status::limit);
  EXPECT_EQ(store->outbox_add("t", {{"a", "1234"}}).status, Status::ok);
}

TEST_F(SqliteOutboxTest, GivesEachKeyItsShareAndSaysWhenItIsTheKeyThatIsOver) {
  Options small = options(100, int64_t{1} << 20);
  small.outbox_key_max_entries = 3;
  small.outbox_key_max_bytes = 10;
  TestStore store(small, host);
  ASSERT_TRUE(store.is_open()) << host.log();
  std::vector<uint64_t> ids;
  for (const char* body : {"1", "2", "3"}) {
    ids.push_back(store->outbox_add("t", {{"loud", body}}).entries.at(0).id);
  }
  // By number; of two keys at once, none is added.
  EXPECT_EQ(store->outbox_add("t", {{"loud", "4"}}).status, Status::too_large);
  EXPECT_EQ(store->outbox_add("t", {{"quiet", "1"}, {"loud", "4"}}).status, Status::too_large);
  EXPECT_EQ(store->outbox_list("t", false).entries.size(), 3u);
  EXPECT_EQ(store->outbox_add("t", {{"quiet", "1"}}).status, Status::ok);
  EXPECT_EQ(store->outbox_add("u", {{"loud", "1"}}).status, Status::ok);
  // Dead ones take nobody's place, and come back whatever has come since.
  ASSERT_EQ(store->outbox_bury("t", ids[0], "r"), Status::ok);
  EXPECT_EQ(store->outbox_add("t", {{"loud", "4"}}).status, Status::ok);
  EXPECT_EQ(*store->outbox_revive("t", ids[0]), 1u);
  ASSERT_EQ(store->outbox_remove("t", {ids[1]}), Status::ok);
  EXPECT_EQ(store->outbox_add("t", {{"loud", "5"}}).status, Status::too_large);
  ASSERT_EQ(store->outbox_remove("t", {ids[2]}), Status::ok);
  EXPECT_EQ(store->outbox_add("t", {{"loud", "5"}}).status, Status::ok);
  // By bytes: a first one has room for itself.
  EXPECT_EQ(store->outbox_add("t", {{"large", "12345678901"}}).status, Status::ok);
  EXPECT_EQ(store->outbox_add("t", {{"large", "1"}}).status, Status::too_large);
  EXPECT_EQ(store->outbox_add("t", {{"pair", "123456"}, {"pair", "12345"}}).status,
            Status::too_large);
}

TEST_F(SqliteOutboxTest, DropsTheOldestDeadLettersPastItsBoundAndSaysSo) {
  TestStore store(options(2, 10), host);
  std::vector<uint64_t> ids;
  for (const char* body : {"1", "2", "3", "12345678"}) {
    ids.push_back(store->outbox_add("t", {{"a", body}}).entries.at(0).id);
    ASSERT_EQ(store->outbox_bury("t", ids.back(), "r"), Status::ok);
  }
  // By number the first two went; the fourth leaves no place for bytes but its own and the third's.
  const auto dead = store->outbox_list("t", true).entries;
  ASSERT_EQ(dead.size(), 2u);
  EXPECT_EQ(dead[0].id, ids[2]);
  EXPECT_EQ(dead[1].id, ids[3]);
  EXPECT_TRUE(host.logged("the outbox \"t\" has too many dead letters: the oldest 1 are gone"))
      << host.log();
  // Room for the living is their own.
  EXPECT_EQ(store->outbox_add("t", {{"a", "1"}, {"a", "2"}}).status, Status::ok);
}

TEST_F(SqliteOutboxTest, RefusesAnEntryThatIsNotWhatWasWritten) {
  uint64_t id = 0;
  {
    TestStore store(options(10, 1000), host);
    id = store->outbox_add("t", {{"a", "body"}, {"a", "next"}}).entries.at(0).id;
  }
  {
    Database db;
    ASSERT_EQ(db.open(path, nullptr), SQLITE_OK);
    ASSERT_EQ(db.run("UPDATE outbox SET body = x'626f6478' WHERE body = x'626f6479'"), SQLITE_OK);
  }
  TestStore store(options(10, 1000), host);
  EXPECT_EQ(store->outbox_read("t", id).status, Status::corrupt);
  EXPECT_TRUE(host.logged("of the outbox \"t\" is damaged")) << host.log();
  EXPECT_EQ(store->outbox_read("t", id + 1).entries.at(0).body, "next");
  EXPECT_EQ(store->outbox_bury("t", id, "damaged"), Status::ok);
}

}  // namespace

}  // namespace freshet::sqlite
