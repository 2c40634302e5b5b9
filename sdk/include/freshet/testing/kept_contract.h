// freshet/testing/kept_contract.h: what every store promises of the values that apps keep beside
// rooms, as GoogleTest cases.
//
// Beside store_contract.h, and used as that is:
//
//   INSTANTIATE_TEST_SUITE_P(Mine, freshet::testing::KeptContract,
//       ::testing::Values(freshet::testing::store_of<MyStore>(...)));
#pragma once

#include "freshet/testing/store_contract.h"

namespace freshet::testing {

class KeptContract : public StoreContract {
 protected:
  void SetUp() override {
    StoreContract::SetUp();
    ASSERT_TRUE(store().has_kept());
  }

  // Over whatever is there; its version.
  uint64_t keep(const std::string& room, const std::string& name, const std::string& value) {
    const KeptValue kept = store().kept_write(room, name, FRESHET_KEPT_ANY, value);
    EXPECT_EQ(kept.status, Status::ok);
    return kept.version.value_or(0);
  }
  std::string value(const std::string& room, const std::string& name) {
    const KeptValue kept = store().kept_read(room, name);
    return kept.status == Status::ok ? kept.bytes : std::string(name_of(kept.status));
  }
};

TEST_P(KeptContract, HasNothingAtFirst) {
  EXPECT_EQ(store().kept_read("r", "app").status, Status::not_found);
  EXPECT_TRUE(store().kept_list("", "").empty());
  const KeptValue gone = store().kept_write("r", "app", FRESHET_KEPT_ANY, "");
  EXPECT_EQ(gone.status, Status::ok);
  EXPECT_EQ(gone.version, 0u);
}

TEST_P(KeptContract, GivesBackTheBytesThatWereWrittenLast) {
  std::string all;
  for (int i = 0; i < 512; ++i) all += static_cast<char>(i & 0xff);
  const uint64_t first = keep("r", "app", "old");
  const uint64_t second = keep("r", "app", all);
  EXPECT_GT(first, 0u);
  EXPECT_GT(second, first);
  const KeptValue kept = store().kept_read("r", "app");
  EXPECT_EQ(kept.bytes, all);
  EXPECT_EQ(kept.version, second);
}

TEST_P(KeptContract, KeepsRoomsAndNamesApart) {
  keep("a", "b", "1");
  keep("a", "bb", "2");
  keep("aa", "b", "3");
  EXPECT_EQ(value("a", "b"), "1");
  EXPECT_EQ(value("a", "bb"), "2");
  EXPECT_EQ(value("aa", "b"), "3");
  EXPECT_EQ(store().kept_read("a", "c").status, Status::not_found);
}

TEST_P(KeptContract, ReplacesOnlyTheVersionThatItIsTold) {
  const uint64_t first = *store().kept_write("r", "app", 0, "1").version;
  const KeptValue taken = store().kept_write("r", "app", 0, "2");
  EXPECT_EQ(taken.status, Status::conflict);
  EXPECT_EQ(taken.version, first);
  const KeptValue second = store().kept_write("r", "app", first, "3");
  ASSERT_EQ(second.status, Status::ok);
  const KeptValue late = store().kept_write("r", "app", first, "4");
  EXPECT_EQ(late.status, Status::conflict);
  EXPECT_EQ(late.version, second.version);
  EXPECT_EQ(value("r", "app"), "3");
}

TEST_P(KeptContract, ForgetsAValueAndNeverUsesItsVersionAgain) {
  const uint64_t first = keep("r", "app", "1");
  const KeptValue other = store().kept_write("r", "app", first + 1, "");
  EXPECT_EQ(other.status, Status::conflict);
  EXPECT_EQ(other.version, first);
  const KeptValue gone = store().kept_write("r", "app", first, "");
  EXPECT_EQ(gone.status, Status::ok);
  EXPECT_EQ(gone.version, 0u);
  EXPECT_EQ(store().kept_read("r", "app").status, Status::not_found);
  const KeptValue again = store().kept_write("r", "app", first, "2");
  EXPECT_EQ(again.status, Status::conflict);
  EXPECT_EQ(again.version, 0u);
  EXPECT_GT(keep("r", "app", "2"), first);
}

TEST_P(KeptContract, ListsItInOrderAPageAtATime) {
  const uint64_t b1 = keep("b", "1", "four"), a2 = keep("a", "2", "x"), a1 = keep("a", "1", "yy");
  EXPECT_EQ(store().kept_list("", ""),
            (std::vector<KeptName>{{"a", "1", 2, a1}, {"a", "2", 1, a2}, {"b", "1", 4, b1}}));
  EXPECT_EQ(store().kept_list("a", "1", 1), (std::vector<KeptName>{{"a", "2", 1, a2}}));
  EXPECT_EQ(store().kept_list("a", "2"), (std::vector<KeptName>{{"b", "1", 4, b1}}));
  EXPECT_TRUE(store().kept_list("b", "1").empty());
}

TEST_P(KeptContract, ErasesItWithItsRoom) {
  ASSERT_EQ(grow("r", 1, 2), Status::ok);
  keep("r", "app", "1");
  keep("other", "app", "2");
  ASSERT_EQ(store().erase("r"), Status::ok);
  EXPECT_EQ(store().kept_read("r", "app").status, Status::not_found);
  EXPECT_EQ(value("other", "app"), "2");
  EXPECT_EQ(store().erase("r"), Status::not_found);
}

TEST_P(KeptContract, ErasesARoomOfWhichThereIsNothingElse) {
  keep("r", "app", "1");
  EXPECT_EQ(store().load("r").status, Status::not_found);
  EXPECT_TRUE(names("", 10).empty());
  EXPECT_EQ(store().erase("r"), Status::ok);
  EXPECT_EQ(store().kept_read("r", "app").status, Status::not_found);
}

TEST_P(KeptContract, LeavesItWhenTheDocumentGetsANewHistory) {
  ASSERT_EQ(grow("r", 1, 2), Status::ok);
  keep("r", "app", "1");
  ASSERT_EQ(store().put("r", epoch_of(7), "snapshot"), Status::ok);
  EXPECT_EQ(value("r", "app"), "1");
}

TEST_P(KeptContract, HasPlaceFor64ValuesOfARoomAndABound) {
  for (int i = 0; i < 64; ++i) keep("r", std::to_string(i), "x");
  Status last = Status::ok;
  for (int i = 64; i < 10'000 && last == Status::ok; ++i) {
    last = store().kept_write("r", std::to_string(i), FRESHET_KEPT_ANY, "x").status;
  }
  EXPECT_EQ(last, Status::limit);
  EXPECT_EQ(store().kept_write("r", "new", 5, "x").status, Status::conflict)
      << "there is no such version, whatever place there is";
  keep("r", "0", "what is there can still be replaced");
  keep("other", "app", "and other rooms have their own");
}

TEST_P(KeptContract, HasItAllAfterItIsOpenedAgain) {
  if (!durable()) GTEST_SKIP() << "this store forgets";
  const uint64_t before = keep("r", "app", "1");
  keep("r", "gone", "2");
  keep("r", "gone", "");
  reopen();
  EXPECT_EQ(value("r", "app"), "1");
  EXPECT_EQ(store().kept_read("r", "app").version, before);
  EXPECT_EQ(store().kept_read("r", "gone").status, Status::not_found);
  EXPECT_GT(keep("r", "app", "3"), before);
}

}  // namespace freshet::testing
