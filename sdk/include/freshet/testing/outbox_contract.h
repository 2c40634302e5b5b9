// freshet/testing/outbox_contract.h: what every outbox of a store promises, as GoogleTest cases.
//
// Beside store_contract.h, and used as that is:
//
//   INSTANTIATE_TEST_SUITE_P(Mine, freshet::testing::OutboxContract,
//       ::testing::Values(freshet::testing::store_of<MyStore>(...)));
#pragma once

#include "freshet/testing/store_contract.h"

namespace freshet::testing {

class OutboxContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    ASSERT_TRUE(store().has_outbox());
  }

  uint64_t add(const std::string& key, const std::string& body, const std::string& topic = "t") {
    const OutboxAnswer answer = store().outbox_add(topic, {{key, body, 7}});
    EXPECT_EQ(answer.status, Status::ok);
    return answer.entries.size() == 1 ? answer.entries[0].id : 0;
  }

  // Keys and ids of what is listed, as "a1 b2".
  std::string shown(bool dead, uint64_t after = 0, uint32_t limit = 1000) {
    std::ostringstream out;
    const char* between = "";
    for (const OutboxEntry& entry : store().outbox_list("t", dead, after, limit).entries) {
      out << std::exchange(between, " ") << entry.key << entry.id;
    }
    return out.str();
  }
  static std::string named(const std::string& key, uint64_t id) { return key + std::to_string(id); }
};

TEST_P(OutboxContract, IsEmptyAtFirst) {
  EXPECT_EQ(store().outbox_list("t", false).status, Status::ok);
  EXPECT_EQ(shown(false), "");
  EXPECT_EQ(shown(true), "");
  EXPECT_EQ(store().outbox_read("t", 1).status, Status::not_found);
  EXPECT_EQ(store().outbox_bury("t", 1, "r"), Status::not_found);
  EXPECT_EQ(store().outbox_remove("t", {1, 2}), Status::ok);
  EXPECT_EQ(*store().outbox_revive("t", 0), 0u);
  EXPECT_EQ(*store().outbox_drop("t", 0), 0u);
  EXPECT_TRUE(store().outbox_topics().empty());
}

TEST_P(OutboxContract, ListsInTheOrderOfAddingAndReadsWhatWasAdded) {
  std::string all;
  for (int i = 0; i < 512; ++i) all += static_cast<char>(i & 0xff);
  const OutboxAnswer added = store().outbox_add("t", {{"b", all, 11}, {"a", "", 12}, {"b", "x"}});
  ASSERT_EQ(added.status, Status::ok);
  ASSERT_EQ(added.entries.size(), 3u);
  EXPECT_GT(added.entries[0].id, 0u);
  EXPECT_LT(added.entries[0].id, added.entries[1].id);
  EXPECT_LT(added.entries[1].id, added.entries[2].id);

  const OutboxAnswer listed = store().outbox_list("t", false);
  ASSERT_EQ(listed.entries.size(), 3u);
  EXPECT_EQ(listed.entries[0].id, added.entries[0].id);
  EXPECT_EQ(listed.entries[0].key, "b");
  EXPECT_EQ(listed.entries[0].unix_ms, 11u);
  EXPECT_EQ(listed.entries[0].bytes, all.size());
  EXPECT_EQ(listed.entries[1].key, "a");

  const OutboxAnswer read = store().outbox_read("t", added.entries[0].id);
  ASSERT_EQ(read.status, Status::ok);
  ASSERT_EQ(read.entries.size(), 1u);
  EXPECT_EQ(read.entries[0].key, "b");
  EXPECT_EQ(read.entries[0].unix_ms, 11u);
  EXPECT_EQ(read.entries[0].body, all);
  EXPECT_FALSE(read.entries[0].reason.has_value());
  EXPECT_EQ(store().outbox_read("t", added.entries[1].id).entries.at(0).body, "");
}

TEST_P(OutboxContract, ListsAPageAtATime) {
  const uint64_t a = add("a", "1"), b = add("b", "2"), c = add("c", "3");
  EXPECT_EQ(shown(false, 0, 2), named("a", a) + " " + named("b", b));
  EXPECT_EQ(shown(false, b, 2), named("c", c));
  EXPECT_EQ(shown(false, c, 2), "");
  EXPECT_EQ(shown(false, UINT64_MAX, 2), "");
}

TEST_P(OutboxContract, KeepsTopicsApart) {
  const uint64_t mine = add("k", "1"), other = add("k", "2", "other");
  EXPECT_EQ(store().outbox_read("other", mine).status, Status::not_found);
  EXPECT_EQ(store().outbox_bury("other", mine, "r"), Status::not_found);
  EXPECT_EQ(store().outbox_remove("other", {mine}), Status::ok);
  EXPECT_EQ(shown(false), named("k", mine));
  ASSERT_EQ(store().outbox_bury("other", other, "r"), Status::ok);
  EXPECT_EQ(*store().outbox_drop("t", 0), 0u);
  EXPECT_EQ(*store().outbox_revive("t", 0), 0u);
  EXPECT_EQ(store().outbox_revive("t", other).status(), Status::not_found);
  EXPECT_EQ(store().outbox_list("other", true).entries.size(), 1u);
}

TEST_P(OutboxContract, ForgetsWhatIsRemovedAndNeverUsesItsIdAgain) {
  const uint64_t a = add("a", "1"), b = add("b", "2");
  ASSERT_EQ(store().outbox_remove("t", {b, a, b, 99'999}), Status::ok);
  EXPECT_EQ(shown(false), "");
  EXPECT_EQ(store().outbox_read("t", a).status, Status::not_found);
  EXPECT_GT(add("c", "3"), b);
}

TEST_P(OutboxContract, SetsADeadEntryAsideWithItsReason) {
  const uint64_t a = add("a", "1"), b = add("b", "2");
  ASSERT_EQ(store().outbox_bury("t", a, "answered 400"), Status::ok);
  EXPECT_EQ(shown(false), named("b", b));
  const OutboxAnswer dead = store().outbox_list("t", true);
  ASSERT_EQ(dead.entries.size(), 1u);
  EXPECT_EQ(dead.entries[0].id, a);
  EXPECT_EQ(dead.entries[0].reason, "answered 400");
  EXPECT_EQ(dead.entries[0].unix_ms, 7u);
  EXPECT_EQ(store().outbox_read("t", a).entries.at(0).reason, "answered 400");
  EXPECT_EQ(store().outbox_bury("t", a, "again"), Status::not_found);
}

TEST_P(OutboxContract, PutsARevivedEntryBackInItsPlace) {
  const uint64_t a = add("a", "1"), b = add("b", "2"), c = add("c", "3");
  for (const uint64_t id : {a, b, c}) ASSERT_EQ(store().outbox_bury("t", id, "r"), Status::ok);
  const uint64_t d = add("d", "4");
  EXPECT_EQ(*store().outbox_revive("t", b), 1u);
  EXPECT_EQ(shown(false), named("b", b) + " " + named("d", d));
  EXPECT_EQ(store().outbox_revive("t", b).status(), Status::not_found);
  EXPECT_FALSE(store().outbox_read("t", b).entries.at(0).reason.has_value());
  EXPECT_EQ(*store().outbox_revive("t", 0), 2u);
  EXPECT_EQ(shown(false),
            named("a", a) + " " + named("b", b) + " " + named("c", c) + " " + named("d", d));
}

TEST_P(OutboxContract, DropsDeadEntriesOnly) {
  const uint64_t a = add("a", "1"), b = add("b", "2"), c = add("c", "3"), d = add("d", "4");
  for (const uint64_t id : {a, b, c}) ASSERT_EQ(store().outbox_bury("t", id, "r"), Status::ok);
  EXPECT_EQ(store().outbox_drop("t", d).status(), Status::not_found);
  EXPECT_EQ(*store().outbox_drop("t", b), 1u);
  EXPECT_EQ(shown(true), named("a", a) + " " + named("c", c));
  EXPECT_EQ(*store().outbox_drop("t", 0), 2u);
  EXPECT_EQ(shown(true), "");
  EXPECT_EQ(shown(false), named("d", d));
}

TEST_P(OutboxContract, SumsUpItsTopics) {
  const uint64_t a = add("a", "four"), b = add("b", "fives");
  add("c", "x", "other");
  EXPECT_EQ(store().outbox_topics(),
            (std::vector<OutboxTopic>{{"other", 1, 1, 0, 0}, {"t", 2, 9, 0, 0}}));
  ASSERT_EQ(store().outbox_bury("t", a, "r"), Status::ok);
  EXPECT_EQ(store().outbox_topics().at(1), (OutboxTopic{"t", 1, 5, 1, 4}));
  ASSERT_EQ(store().outbox_remove("t", {b}), Status::ok);
  EXPECT_EQ(store().outbox_topics().at(1), (OutboxTopic{"t", 0, 0, 1, 4}));
  EXPECT_EQ(*store().outbox_revive("t", a), 1u);
  EXPECT_EQ(store().outbox_topics().at(1), (OutboxTopic{"t", 1, 4, 0, 0}));
  ASSERT_EQ(store().outbox_bury("t", a, "r"), Status::ok);
  EXPECT_EQ(*store().outbox_drop("t", 0), 1u);
  EXPECT_EQ(store().outbox_topics(), (std::vector<OutboxTopic>{{"other", 1, 1, 0, 0}}));
}

TEST_P(OutboxContract, LeavesRoomsAlone) {
  ASSERT_EQ(grow("r", 1, 2), Status::ok);
  add("r", "1");
  ASSERT_EQ(store().erase("r"), Status::ok);
  EXPECT_EQ(store().outbox_list("t", false).entries.size(), 1u);
  EXPECT_TRUE(names("", 10).empty());
}

TEST_P(OutboxContract, HasItAllAfterItIsOpenedAgain) {
  if (!durable()) GTEST_SKIP() << "this store forgets";
  const uint64_t a = add("a", "1"), b = add("b", "2"), c = add("c", "3");
  ASSERT_EQ(store().outbox_bury("t", a, "why"), Status::ok);
  ASSERT_EQ(store().outbox_remove("t", {c}), Status::ok);
  reopen();
  EXPECT_EQ(shown(false), named("b", b));
  EXPECT_EQ(shown(true), named("a", a));
  EXPECT_EQ(store().outbox_read("t", a).entries.at(0).reason, "why");
  EXPECT_EQ(store().outbox_read("t", b).entries.at(0).body, "2");
  EXPECT_GT(add("d", "4"), c);
}

}  // namespace freshet::testing
