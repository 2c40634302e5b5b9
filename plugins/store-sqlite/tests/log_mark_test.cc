// A write-ahead log beside a file it was not written for: noticed, and never where it does belong.
#include "store-sqlite/file/log_mark.h"

#include <sys/wait.h>
#include <unistd.h>

#include "power_disk.h"
#include "test_store.h"

namespace freshet::sqlite {

namespace {

namespace fs = std::filesystem;

class LogOfAStore : public ::testing::Test {
 protected:
  Options options() const { return {.path = path, .lock_wait_ms = 0, .vfs = {}}; }

  // Appends what a test says in a process that is then killed, so that its log stays.
  void killed_after(const std::function<Status(StoreCaller&)>& act) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const FakeHost quiet;
      TestStore store(options(), quiet);
      ::_exit(store.is_open() && act(*store) == Status::ok ? 0 : 1);
    }
    int ended = 0;
    ASSERT_EQ(::waitpid(child, &ended, 0), child);
    ASSERT_TRUE(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
    ASSERT_TRUE(has_log(path)) << "a kill leaves one";
  }
  std::function<Status(StoreCaller&)> appends(uint64_t seq, size_t bytes = 10) const {
    return [this, seq, bytes](StoreCaller& store) {
      return store.append({{"r", epoch, seq, std::string(bytes, 'x')}});
    };
  }

  void expect_foreign() {
    const std::string file = contents(path), log = contents(path + "-wal");
    {
      TestStore store(options(), host);
      EXPECT_FALSE(store.is_open());
      EXPECT_EQ(store.status(), Status::conflict);
    }
    EXPECT_EQ(host.log(), "store " + path + ": the write-ahead log beside it (" + path +
                              "-wal) belongs to another file; was a copy put in its place by hand? "
                              "To go back to a copy: `freshet rooms restore COPY`. To use the file "
                              "as it is: move that log away. Neither has been touched\n");
    EXPECT_TRUE(contents(path) == file && contents(path + "-wal") == log);
    // What it says helps.
    fs::rename(path + "-wal", directory / "away");
    expect_updates(1);
  }
  void expect_updates(size_t count) {
    TestStore store(options(), host);
    ASSERT_TRUE(store.is_open()) << host.log();
    EXPECT_EQ(store->load("r").updates.size(), count);
  }

  const TempDirectory directory;
  const std::string path = directory / "test.db", copy = directory / "copy.db";
  const Epoch epoch = epoch_of(1);
  const FakeHost host;
};

}  // namespace

TEST_F(LogOfAStore, IsReplayedAfterAKill) {
  killed_after(appends(1));
  killed_after(appends(2));
  killed_after(appends(3));
  expect_updates(3);
}

TEST_F(LogOfAStore, IsNotReplayedIntoABackupPutInItsPlace) {
  killed_after([this](StoreCaller& store) {
    FRESHET_CHECK(appends(1)(store));
    FRESHET_CHECK(store.backup(copy));
    return appends(2)(store);
  });
  fs::copy_file(copy, path, fs::copy_options::overwrite_existing);
  expect_foreign();
}

TEST_F(LogOfAStore, IsNotReplayedIntoACopyOfTheStoppedFile) {
  killed_after(appends(1));
  expect_updates(1);  // and closed in order
  fs::copy_file(path, copy);
  killed_after(appends(2));
  fs::copy_file(copy, path, fs::copy_options::overwrite_existing);
  expect_foreign();
}

TEST_F(LogOfAStore, IsNotReplayedIntoAnOlderCopyOnceItWasFolded) {
  killed_after(appends(1));
  expect_updates(1);
  fs::copy_file(path, copy);
  killed_after([this](StoreCaller& store) {
    for (uint64_t seq = 2; seq < 40; ++seq) FRESHET_CHECK(appends(seq, size_t{1} << 20)(store));
    return Status::ok;
  });
  fs::copy_file(copy, path, fs::copy_options::overwrite_existing);
  expect_foreign();
}

TEST_F(LogOfAStore, IsNotDeletedWhenItsFileIsMissing) {
  killed_after(appends(1));
  fs::rename(path, copy);
  const std::string log = contents(path + "-wal");
  for (const bool empty : {false, true}) {
    if (empty) write_file(path, "");
    TestStore store(options(), host);
    EXPECT_FALSE(store.is_open());
    EXPECT_EQ(fs::exists(path), empty);
    EXPECT_TRUE(contents(path + "-wal") == log);
  }
  EXPECT_TRUE(host.logged(path + ": the file is missing or empty, and its write-ahead log (" +
                          path + "-wal) is there"))
      << host.log();
  fs::rename(copy, path);
  expect_updates(1);
}

TEST_F(LogOfAStore, OfALinkedFileLiesBesideTheFile) {
  const std::string real = directory / "real.db";
  killed_after(appends(1));
  fs::rename(path, real);
  fs::rename(path + "-wal", real + "-wal");
  fs::create_symlink(real, path);
  expect_updates(1);
}

// A file of before there were marks, with its log: nothing is known against it.
TEST_F(LogOfAStore, OfAnOlderFileIsReplayed) {
  killed_after(appends(1));
  expect_updates(1);
  {
    Database db;
    ASSERT_EQ(db.open(path, nullptr), SQLITE_OK);
    ASSERT_EQ(
        db.run(
            "DROP TABLE log_mark; DROP TRIGGER outbox_key_added; DROP TRIGGER outbox_key_removed; "
            "DROP TRIGGER outbox_key_moved; DROP TABLE outbox_keys; "
            "ALTER TABLE updates DROP COLUMN author; ALTER TABLE updates DROP COLUMN first_ms; "
            "ALTER TABLE updates DROP COLUMN lasted_ms; DROP TABLE kept; DROP TABLE arrivals; "
            "PRAGMA user_version = 2"),
        SQLITE_OK);
    sqlite3_db_config(db.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    ASSERT_EQ(db.run("PRAGMA journal_mode = WAL; DELETE FROM updates; UPDATE rooms SET "
                     "last_seq = 0, log_bytes = 0"),
              SQLITE_OK);
  }
  ASSERT_TRUE(has_log(path));
  expect_updates(0);
}

// Kills at every moment of folding, drawing and appending, on a disk that keeps any part of what
// was not synced: the log is never taken for another's.
TEST(LogMark, NeverAccusesALogThatBelongs) {
  std::mt19937_64 random(20261129);
  for (int round = 0; round < 300; ++round) {
    const TempDirectory directory;
    PowerDisk disk;
    Options options{.path = directory / "test.db",
                    .integrity = Integrity::off,
                    .lock_wait_ms = 0,
                    .checkpoint_bytes = int64_t{20} << 10,
                    .vfs = disk.vfs_name()};
    uint64_t seq = 0;
    for (int cuts = 0; cuts < 4; ++cuts) {
      const FakeHost host;
      disk.cut_at(1 + random() % 150);
      {
        TestStore store(options, host);
        for (int i = 0; store.is_open() && i < 30; ++i) {
          static_cast<void>(
              store->append({{"r", epoch_of(1), seq + 1, std::string(random() % 3000, 'x')}}));
          seq = store->info("r").last_seq;
        }
      }
      disk.restore(random);
      const FakeHost after;
      TestStore store(options, after);
      ASSERT_TRUE(store.is_open()) << "round " << round << ": " << after.log();
      seq = store->info("r").last_seq;
    }
  }
}

}  // namespace freshet::sqlite
