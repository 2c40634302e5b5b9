// A file that may not be read, written, opened or locked, at the start and later: what a person
// reads. The disk is one of memory, since nothing is forbidden to tests that run as root.
#include "power_disk.h"
#include "store-sqlite/limits.h"
#include "test_store.h"

namespace freshet::sqlite {

namespace {

class Permission : public ::testing::Test {
 protected:
  Options options() const { return {.path = path, .lock_wait_ms = 0, .vfs = disk.vfs_name()}; }

  void make_store() {
    const FakeHost quiet;
    TestStore store(options(), quiet);
    ASSERT_TRUE(store.is_open()) << quiet.log();
    ASSERT_EQ(store->append({{"r", epoch, 1, "kept"}}), Status::ok);
  }

  // What the log has after a start that failed.
  std::string refusal() {
    const FakeHost told;
    TestStore store(options(), told);
    EXPECT_FALSE(store.is_open());
    EXPECT_EQ(store.status(), Status::retry) << name_of(store.status());
    return told.log();
  }

  // The file was not harmed by what was refused.
  void expect_whole() {
    const FakeHost told;
    TestStore store(options(), told);
    ASSERT_TRUE(store.is_open()) << told.log();
    EXPECT_EQ(store->load("r").updates.size(), 1u);
  }

  const TempDirectory directory;
  const std::string path = directory / "test.db";
  const std::string here = "store " + path + ": ";
  const std::string again = ". Nothing is acknowledged until this is mended; it is tried again\n";
  const Epoch epoch = epoch_of(1);
  PowerDisk disk;
  const FakeHost host;
};

}  // namespace

TEST_F(Permission, AFileThatMayNotBeReadIsToldAtTheStart) {
  make_store();
  disk.fail_opens_of("test.db", SQLITE_PERM);
  EXPECT_EQ(refusal(), here + "cannot read the file: access permission denied\n");
  disk.fail_opens_of("test.db", SQLITE_OK);
  disk.fail_reads(SQLITE_IOERR_READ);
  EXPECT_EQ(refusal(), here + "cannot read the file: disk I/O error\n");
  disk.fail_reads(SQLITE_OK);
  expect_whole();
}

TEST_F(Permission, AFileThatCannotBeOpenedIsToldAtTheStart) {
  make_store();
  // Its header is taken for that of a file to be made; SQLite then finds out.
  disk.fail_opens_of("test.db", SQLITE_CANTOPEN);
  EXPECT_EQ(refusal(), here + "cannot open the file: unable to open database file\n");
  disk.fail_opens_of("test.db", SQLITE_OK);
  expect_whole();
}

TEST_F(Permission, AFileThatMayNotBeWrittenIsToldAtTheStart) {
  disk.fail_writes_to("test.db", SQLITE_READONLY);
  EXPECT_EQ(refusal(),
            here +
                "cannot bring the file to this version's schema: attempt to write a readonly "
                "database\n");
  disk.fail_writes_to("test.db", SQLITE_OK);
  make_store();
  expect_whole();
}

TEST_F(Permission, ALockThatIsNotGivenIsToldAtTheStart) {
  make_store();
  disk.fail_locks(SQLITE_IOERR_LOCK);
  EXPECT_EQ(refusal(), here + "cannot lock the file: disk I/O error\n");
  disk.fail_locks(SQLITE_BUSY);
  EXPECT_EQ(refusal(),
            here +
                "another process has this file open, and a store has one owner. Stop the other "
                "server, or give this one another `path`; `freshet rooms` reaches a running "
                "server through its admin socket\n");
  disk.fail_locks(SQLITE_OK);
  expect_whole();
}

TEST_F(Permission, AFileThatTurnsReadOnlyIsToldOnceAndMended) {
  make_store();
  TestStore store(options(), host);
  ASSERT_TRUE(store.is_open()) << host.log();
  disk.fail_writes_to("-wal", SQLITE_READONLY);
  for (int tries = 0; tries < 3; ++tries) {
    EXPECT_EQ(store->append({{"r", epoch, 2, "x"}}), Status::retry);
  }
  EXPECT_EQ(host.log(), here + "cannot append: attempt to write a readonly database" + again);
  EXPECT_EQ(host.metric("freshet_store_failing"), 1);
  EXPECT_EQ(store->load("r").updates.size(), 1u) << "it can still be read";
  disk.fail_writes_to("-wal", SQLITE_OK);
  EXPECT_EQ(store->append({{"r", epoch, 2, "x"}}), Status::ok);
  EXPECT_TRUE(host.logged(here + "writing works again")) << host.log();
  EXPECT_EQ(store->load("r").updates.size(), 2u);
}

TEST_F(Permission, WhatCannotBeReadLaterIsTold) {
  make_store();
  Options small = options();
  small.cache_bytes = kMinCacheBytes;
  TestStore store(small, host);
  ASSERT_TRUE(store.is_open()) << host.log();
  ASSERT_EQ(store->append({{"r", epoch, 2, std::string(4 * kMinCacheBytes, 'x')}}), Status::ok);
  disk.fail_reads(SQLITE_IOERR_READ);
  EXPECT_EQ(store->load("r").status, Status::retry);
  EXPECT_EQ(host.log(), here + "cannot read: disk I/O error\n");
  disk.fail_reads(SQLITE_OK);
  EXPECT_EQ(store->load("r").updates.size(), 2u);
}

}  // namespace freshet::sqlite
