// All that a store keeps, copied into another one: rooms with their rows, and the outbox.
#include "core/cli/migration/store_copy.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "freshet/plugin.h"
#include "freshet/testing/store_caller.h"
#include "store-sqlite/sqlite_store.h"

namespace freshet::cli {
namespace {

using testing::Append;
using testing::epoch_of;
using testing::StoreCaller;

struct OpenStore {
  explicit OpenStore(const std::filesystem::path& file) {
    host.set("path", file.string());
    store = *make_plugin<sqlite::SqliteStore>(host.host());
    bound.emplace(static_cast<Store&>(*store), host.host());
  }
  testing::FakeHost host{sqlite::SqliteStore::kSettings};
  std::unique_ptr<sqlite::SqliteStore> store;
  std::optional<Bound<Store>> bound;
};

class StoreCopyTest : public ::testing::Test {
 protected:
  StoreCopyTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "freshet-copy-XXXXXX").string();
    EXPECT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    old_.emplace(folder_ / "old.db");
    new_.emplace(folder_ / "new.db");
    from.emplace(old_->bound->table());
    to.emplace(new_->bound->table());
    copy.emplace(caller_, *old_->bound->table(), *new_->bound->table());
  }
  ~StoreCopyTest() override {
    old_.reset();
    new_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void expect_copied(const std::string& room) {
    const testing::Loaded was = from->load(room), is = to->load(room);
    EXPECT_EQ(is.epochs, was.epochs);
    ASSERT_EQ(is.rows.size(), was.rows.size());
    for (size_t i = 0; i < is.rows.size(); ++i) {
      testing::Row row = was.rows[i];
      row.seq = is.rows[i].seq;
      EXPECT_EQ(is.rows[i], row);
    }
  }

  std::optional<StoreCaller> from, to;
  std::optional<StoreCopy> copy;

 private:
  Caller caller_{std::chrono::seconds{10}};
  std::filesystem::path folder_;
  std::optional<OpenStore> old_, new_;
};

TEST_F(StoreCopyTest, ARoomKeepsItsEpochAndWhoWroteWhatWhen) {
  ASSERT_EQ(from->append({{"r", epoch_of(1), 1, "x", "ada", 1'700'000'000'000, 1'700'000'000'025},
                          {"r", epoch_of(1), 2, "y", "", 1'700'000'000'030, 1'700'000'000'030}}),
            Status::ok);
  EXPECT_EQ(*copy->look("r"), StoreCopy::There::no);
  EXPECT_EQ(*copy->copy("r"), 2u);
  EXPECT_EQ(*copy->look("r"), StoreCopy::There::all_of_it);
  expect_copied("r");
}

TEST_F(StoreCopyTest, ASnapshotIsCopiedAndTheRowsBehindIt) {
  ASSERT_EQ(from->append({{"r", epoch_of(1), 1, "x"}, {"r", epoch_of(1), 2, "y"}}), Status::ok);
  ASSERT_EQ(from->replace("r", epoch_of(1), 1, "S"), Status::ok);
  ASSERT_TRUE(copy->copy("r"));
  EXPECT_EQ(to->load("r").snapshots.at(0).second, "S");
  expect_copied("r");
}

TEST_F(StoreCopyTest, WhatWasInterruptedIsCopiedAnew) {
  ASSERT_EQ(from->append({{"r", epoch_of(1), 1, "x"}, {"r", epoch_of(1), 2, "y"}}), Status::ok);
  ASSERT_EQ(to->put("r", epoch_of(1), std::string(2, '\0')), Status::ok);
  ASSERT_EQ(to->append({{"r", epoch_of(1), 0, "x"}}), Status::ok);
  EXPECT_EQ(*copy->look("r"), StoreCopy::There::some_of_it);
  ASSERT_TRUE(copy->copy("r"));
  EXPECT_EQ(*copy->look("r"), StoreCopy::There::all_of_it);
  expect_copied("r");
}

// By people who work with the new store already.
TEST_F(StoreCopyTest, WhatHasBeenEditedOrFoldedSinceIsTold) {
  ASSERT_EQ(from->append({{"r", epoch_of(1), 1, "x"}, {"r", epoch_of(1), 2, "y"}}), Status::ok);
  ASSERT_TRUE(copy->copy("r"));
  ASSERT_EQ(to->append({{"r", epoch_of(1), 0, "z"}}), Status::ok);
  EXPECT_EQ(*copy->look("r"), StoreCopy::There::changed);
  ASSERT_EQ(to->replace("r", epoch_of(1), 3, "folded"), Status::ok);
  EXPECT_EQ(*copy->look("r"), StoreCopy::There::changed);
}

TEST_F(StoreCopyTest, AnotherHistoryIsTold) {
  ASSERT_EQ(from->append({{"r", epoch_of(1), 1, "x"}}), Status::ok);
  ASSERT_EQ(to->append({{"r", epoch_of(50), 1, "x"}}), Status::ok);
  EXPECT_EQ(*copy->look("r"), StoreCopy::There::another_history);
}

TEST_F(StoreCopyTest, ALongLogComesInBatches) {
  std::vector<Append> rows;
  for (uint64_t seq = 1; seq <= 5'000; ++seq) {
    rows.push_back({"r", epoch_of(1), seq, std::to_string(seq)});
  }
  ASSERT_EQ(from->append(rows), Status::ok);
  ASSERT_TRUE(copy->copy("r"));
  expect_copied("r");
}

TEST_F(StoreCopyTest, RoomsAreListedInPages) {
  ASSERT_EQ(from->append({{"a", epoch_of(1), 1, "x"}, {"b", epoch_of(1), 1, "x"}}), Status::ok);
  EXPECT_EQ(*copy->rooms_after(""), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(*copy->rooms_after("a"), std::vector<std::string>{"b"});
  EXPECT_TRUE(copy->rooms_after("b")->empty());
}

TEST_F(StoreCopyTest, TheOutboxIsCopiedInItsOrderWithItsDead) {
  const auto added = from->outbox_add("t", {{"k", "1", 11}, {"k", "2", 12}, {"k", "3", 13}});
  ASSERT_EQ(from->outbox_bury("t", added.entries.at(1).id, "gone"), Status::ok);
  EXPECT_FALSE(*copy->has_topic("t"));
  const auto topics = copy->topics();
  ASSERT_EQ(topics->size(), 1u);
  EXPECT_EQ(topics->front().live, 2u);
  ASSERT_EQ(copy->copy_outbox("t"), Status::ok);
  EXPECT_TRUE(*copy->has_topic("t"));
  std::string live;
  for (const auto& entry : to->outbox_list("t", false).entries) {
    const auto read = to->outbox_read("t", entry.id).entries.at(0);
    live += read.body + "@" + std::to_string(read.unix_ms) + " ";
  }
  EXPECT_EQ(live, "1@11 3@13 ");
  const auto dead = to->outbox_list("t", true).entries;
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].reason, "gone");
}

TEST_F(StoreCopyTest, WhatAppsKeepIsCopiedAndWhatHasChangedThereIsTold) {
  ASSERT_EQ(from->kept_write("r", "app", 0, "1").status, Status::ok);
  ASSERT_EQ(from->kept_write("r", "other", 0, "2").status, Status::ok);
  const auto page = copy->kept_after({});
  ASSERT_EQ(page->size(), 2u);
  EXPECT_EQ(page->at(1).room + page->at(1).name, "rother");
  EXPECT_TRUE(copy->kept_after(page->at(1))->empty());
  EXPECT_EQ(*copy->look(page->at(0)), StoreCopy::There::no);
  ASSERT_EQ(copy->copy(page->at(0)), Status::ok);
  EXPECT_EQ(*copy->look(page->at(0)), StoreCopy::There::all_of_it);
  EXPECT_EQ(to->kept_read("r", "app").bytes, "1");
  ASSERT_EQ(to->kept_write("r", "app", FRESHET_KEPT_ANY, "new").status, Status::ok);
  EXPECT_EQ(*copy->look(page->at(0)), StoreCopy::There::changed);
}

}  // namespace
}  // namespace freshet::cli
