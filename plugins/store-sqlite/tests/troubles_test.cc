// What the operator reads when a store fails: each thing once, and its end.
#include "store-sqlite/file/troubles.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "freshet/testing.h"
#include "store-sqlite/limits.h"

namespace freshet::sqlite {
namespace {

class TroublesOfAStore : public ::testing::Test {
 protected:
  TroublesOfAStore() { EXPECT_EQ(db.open(":memory:", nullptr), SQLITE_OK); }

  Status write_fails(int code, std::string why) {
    db.complain(std::move(why));
    return troubles.conclude_write(code, "append");
  }
  void rots(const std::string& room) {
    EXPECT_EQ(troubles.damaged(room, "it rotted"), Status::corrupt);
  }
  size_t lines() const { return static_cast<size_t>(std::ranges::count(host.log(), '\n')); }

  testing::FakeHost host;
  Database db;
  Troubles troubles{"data/x.db", host.host(), db};
};

TEST_F(TroublesOfAStore, AFailureIsToldOnceUntilItsReasonChangesOrItEnds) {
  EXPECT_EQ(write_fails(SQLITE_FULL, "the disk is full"), Status::retry);
  EXPECT_TRUE(host.logged("store data/x.db: cannot append: the disk is full. Nothing is"));
  EXPECT_EQ(troubles.last(), "the disk is full");
  EXPECT_EQ(write_fails(SQLITE_FULL, "the disk is full"), Status::retry);
  EXPECT_EQ(lines(), 1u) << host.log();
  EXPECT_EQ(write_fails(SQLITE_IOERR, "the disk is gone"), Status::retry);
  EXPECT_EQ(lines(), 2u) << host.log();
  EXPECT_EQ(host.metric("freshet_store_failing"), 1);

  EXPECT_EQ(troubles.conclude_write(SQLITE_OK, "append"), Status::ok);
  EXPECT_EQ(troubles.conclude_write(SQLITE_OK, "append"), Status::ok);
  EXPECT_TRUE(host.logged("store data/x.db: writing works again"));
  EXPECT_EQ(lines(), 3u) << host.log();
  EXPECT_EQ(troubles.last(), "");
  EXPECT_EQ(host.metric("freshet_store_failing"), 0);
  EXPECT_EQ(host.metric("freshet_store_failures_total"), 3);
}

TEST_F(TroublesOfAStore, AFileThatIsGoneIsToldWithTheWayOut) {
  EXPECT_EQ(write_fails(SQLITE_READONLY_DBMOVED, "its file is gone"), Status::retry);
  EXPECT_TRUE(host.logged("Put it back where it was.")) << host.log();
}

TEST_F(TroublesOfAStore, WhatIsTriedWithoutACallerIsNoWriteThatFailed) {
  db.complain("the disk is full");
  troubles.tell(SQLITE_FULL, "write");
  EXPECT_EQ(host.metric("freshet_store_failing"), 1);
  EXPECT_EQ(host.metric("freshet_store_failures_total"), 0);
}

TEST_F(TroublesOfAStore, AReadThatFailsIsNoDamage) {
  db.complain("the disk is gone");
  EXPECT_EQ(troubles.conclude_read(SQLITE_IOERR, "r"), Status::retry);
  EXPECT_TRUE(host.logged("cannot read: the disk is gone")) << host.log();
  EXPECT_EQ(troubles.conclude_read(SQLITE_CORRUPT, "r"), Status::corrupt);
  EXPECT_TRUE(host.logged("room \"r\" is damaged")) << host.log();
}

TEST_F(TroublesOfAStore, EachDamagedRoomIsToldOfOnceUntilItIsMended) {
  rots("r");
  rots("r");
  EXPECT_EQ(lines(), 1u) << host.log();
  troubles.mended("another");
  rots("r");
  EXPECT_EQ(lines(), 1u) << host.log();
  troubles.mended("r");
  rots("r");
  EXPECT_EQ(lines(), 2u) << host.log();
}

TEST_F(TroublesOfAStore, OnlySoManyDamagedRoomsAreRemembered) {
  for (size_t n = 0; n < kMaxDamagedRoomsTold; ++n) rots(std::to_string(n));
  rots("0");
  EXPECT_EQ(lines(), kMaxDamagedRoomsTold);  // none is forgotten yet
  rots("one more");
  rots("1");
  EXPECT_EQ(lines(), kMaxDamagedRoomsTold + 2);
}

}  // namespace
}  // namespace freshet::sqlite
