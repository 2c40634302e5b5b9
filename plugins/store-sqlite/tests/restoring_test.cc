// A backup in the place of the store: what comes back, what is set aside, what is refused.
#include "store-sqlite/restoring/restoring.h"

#include <sys/wait.h>
#include <unistd.h>

#include "test_store.h"

namespace freshet::sqlite {

namespace {

namespace fs = std::filesystem;

class Restoring : public ::testing::Test {
 protected:
  Options options() const { return {.path = path, .lock_wait_ms = 0, .vfs = {}}; }

  // "1, 2" is backed up, "3" is not; then the process ends, in order or not.
  void make_backup_and_go_on(bool killed = true) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const FakeHost quiet;
      TestStore store(options(), quiet);
      bool good = store->append({{"r", epoch, 1, "1"}, {"r", epoch, 2, "2"}}) == Status::ok &&
                  store->replace("r", epoch, 1, "S") == Status::ok &&
                  store->put("other", epoch, "O") == Status::ok &&
                  store->backup(copy) == Status::ok &&
                  store->append({{"r", epoch, 3, "3"}}) == Status::ok;
      if (!killed) store.close();
      ::_exit(good ? 0 : 1);
    }
    int ended = 0;
    ASSERT_EQ(::waitpid(child, &ended, 0), child);
    ASSERT_TRUE(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
  }

  Status restore() { return restore_file(options(), copy, host.host()); }

  void expect_the_backup() {
    TestStore store(options(), host);
    ASSERT_TRUE(store.is_open()) << host.log();
    const Loaded loaded = store->load("r");
    ASSERT_EQ(loaded.status, Status::ok);
    EXPECT_EQ(loaded.snapshots.at(0).second, "S");
    ASSERT_EQ(loaded.updates.size(), 1u);
    EXPECT_EQ(loaded.updates[0].second, "2");
    EXPECT_NE(loaded.epochs.at(0), epoch) << "another history";
    EXPECT_NE(store->info("other").epoch, loaded.epochs.at(0)) << "each its own";
    EXPECT_EQ(store->append({{"r", loaded.epochs[0], 3, "x"}}), Status::ok);
  }
  // Names in the directory that begin as the old file was called when it was set aside.
  std::vector<std::string> aside() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(directory / "")) {
      const std::string name = entry.path().string();
      if (name.starts_with(path + ".before-")) out.push_back(name);
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  void expect_nothing_left_over() {
    for (const auto& entry : fs::directory_iterator(directory / "")) {
      const std::string name = entry.path().string();
      EXPECT_EQ(name.find("restoring"), std::string::npos) << name;
    }
  }

  const TempDirectory directory;
  const std::string path = directory / "test.db", copy = directory / "copy.db";
  const Epoch epoch = epoch_of(1);
  const FakeHost host;
};

}  // namespace

TEST_F(Restoring, BringsBackWhatWasThereThenAndSetsTheRestAside) {
  for (const bool killed : {true, false}) {
    fs::remove(copy);
    fs::remove(path);
    fs::remove(path + "-wal");
    make_backup_and_go_on(killed);
    ASSERT_EQ(restore(), Status::ok) << host.log();
    expect_the_backup();
    expect_nothing_left_over();
    for (const std::string& file : aside()) {
      if (file.ends_with("-wal")) continue;
      // The old file is whole, with its log.
      Options old = options();
      old.path = file;
      {
        TestStore store(old, host);
        ASSERT_TRUE(store.is_open()) << host.log();
        EXPECT_EQ(store->load("r").updates.size(), 2u);
        EXPECT_EQ(store->info("r").epoch, epoch);
      }
      fs::remove(file);
    }
  }
}

TEST_F(Restoring, SaysWhatItDidAndWhereTheOldFileIs) {
  make_backup_and_go_on();
  ASSERT_EQ(restore(), Status::ok);
  ASSERT_EQ(aside().size(), 2u) << "the file, and its log";
  EXPECT_EQ(host.log(), "store " + path + ": restored from " + copy +
                            ": 2 rooms, each with a new epoch. What was there before is " +
                            aside()[0] + "\n");
  ASSERT_EQ(restore(), Status::ok) << "as often as one likes";
  EXPECT_EQ(aside().size(), 3u);
}

TEST_F(Restoring, LeavesTheBackupAsItIs) {
  make_backup_and_go_on();
  const std::string before = contents(copy);
  ASSERT_EQ(restore(), Status::ok);
  EXPECT_TRUE(contents(copy) == before);
  EXPECT_FALSE(fs::exists(copy + "-wal"));
}

TEST_F(Restoring, NeedsNoOldFile) {
  make_backup_and_go_on();
  fs::remove(path);
  fs::remove(path + "-wal");
  ASSERT_EQ(restore(), Status::ok) << host.log();
  EXPECT_TRUE(aside().empty());
  expect_the_backup();
}

TEST_F(Restoring, TakesTheLogOfAFileThatIsGoneAway) {
  make_backup_and_go_on();
  fs::remove(path);
  ASSERT_TRUE(fs::exists(path + "-wal"));
  ASSERT_EQ(restore(), Status::ok) << host.log();
  expect_the_backup();
  ASSERT_EQ(aside().size(), 1u) << "set aside, not deleted";
  EXPECT_TRUE(aside()[0].ends_with("-wal"));
}

TEST_F(Restoring, HelpsWhereTheOldFileIsDamaged) {
  make_backup_and_go_on();
  write_file(path, std::string(9000, '#'));
  ASSERT_EQ(restore(), Status::ok) << host.log();
  expect_the_backup();
}

// As a person did who followed an older manual.
TEST_F(Restoring, HelpsWhereACopyWasPutBesideAForeignLog) {
  make_backup_and_go_on();
  fs::copy_file(copy, path, fs::copy_options::overwrite_existing);
  {
    TestStore store(options(), host);
    EXPECT_EQ(store.status(), Status::conflict);
  }
  ASSERT_EQ(restore(), Status::ok) << host.log();
  expect_the_backup();
}

TEST_F(Restoring, TakesACopyMadeByHandTogetherWithItsLog) {
  make_backup_and_go_on();
  fs::remove(copy);
  fs::copy_file(path, copy);
  fs::copy_file(path + "-wal", copy + "-wal");
  fs::remove(path);
  fs::remove(path + "-wal");
  ASSERT_EQ(restore(), Status::ok) << host.log();
  TestStore store(options(), host);
  ASSERT_TRUE(store.is_open());
  EXPECT_EQ(store->load("r").updates.size(), 2u);
}

TEST_F(Restoring, RefusesWhatIsNoBackupAndChangesNothing) {
  make_backup_and_go_on();
  const std::string before = contents(path), log = contents(path + "-wal");
  const auto expect_refused = [&](Status status, const std::string& why) {
    EXPECT_EQ(restore(), status);
    EXPECT_TRUE(host.logged(why)) << why << " is not in\n" << host.log();
    EXPECT_TRUE(contents(path) == before && contents(path + "-wal") == log);
    EXPECT_TRUE(aside().empty());
    expect_nothing_left_over();
  };
  const std::string good = contents(copy);
  write_file(copy, good.substr(0, good.size() / 2));
  expect_refused(Status::corrupt, "backup " + copy + ": the file is damaged: ");
  write_file(copy, "notes, and no database" + std::string(500, '.'));
  expect_refused(Status::corrupt, "backup " + copy + ": this is no SQLite database");
  fs::remove(copy);
  expect_refused(Status::malformed, copy + " is not there, or is no file");
  {
    Database db;
    ASSERT_EQ(db.open(copy, nullptr), SQLITE_OK);
    ASSERT_EQ(db.run("CREATE TABLE bookmarks(url TEXT)"), SQLITE_OK);
  }
  expect_refused(Status::unsupported,
                 "backup " + copy + ": this SQLite database belongs to another");
  fs::remove(copy);
  fs::create_hard_link(path, copy);
  expect_refused(Status::malformed, copy + " is the store itself");
  write_file(directory / "empty.db", "");
  fs::remove(copy);
  fs::rename(directory / "empty.db", copy);
  expect_refused(Status::corrupt, copy + " is empty");
}

TEST_F(Restoring, RefusesWhileAnotherProcessHasTheStore) {
  make_backup_and_go_on();
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const FakeHost quiet;
    TestStore store(options(), quiet);
    const char byte = store.is_open() ? 'y' : 'n';
    ::alarm(60);  // a test that fails does not wait for it
    static_cast<void>(!::write(ready[1], &byte, 1));
    for (;;) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  EXPECT_EQ(restore(), Status::retry);
  EXPECT_TRUE(host.logged("another process (" + std::to_string(child) +
                          ") has this file open: stop the server first"))
      << host.log();
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  EXPECT_EQ(restore(), Status::ok);
  expect_the_backup();
}

TEST_F(Restoring, ARoomThatIsDamagedInTheBackupStaysClosedAndTheOthersCome) {
  make_backup_and_go_on();
  {
    Database db;
    ASSERT_EQ(db.open(copy, nullptr), SQLITE_OK);
    ASSERT_EQ(db.run("UPDATE snapshots SET data = x'00' WHERE data = x'4f'"), SQLITE_OK);
  }
  ASSERT_EQ(restore(), Status::ok);
  EXPECT_TRUE(host.logged("backup " + copy + ": room \"other\" is damaged in it")) << host.log();
  TestStore store(options(), host);
  ASSERT_TRUE(store.is_open()) << host.log();
  EXPECT_EQ(store->load("r").status, Status::ok);
  EXPECT_EQ(store->load("other").status, Status::corrupt);
}

}  // namespace freshet::sqlite
