// The files go away under an open store: nothing is acknowledged, it is said once, and it goes on
// when they are back.
#include <sys/stat.h>

#include <functional>

#include "test_store.h"

namespace freshet::sqlite {

namespace {

constexpr const char* kAgain =
    ". Nothing is acknowledged until this is mended; it is tried again. Put it back where it was. "
    "If it is lost: what was saved can still be read here, so `freshet rooms backup COPY`, then "
    "stop the server and `freshet rooms restore COPY`\n";

namespace fs = std::filesystem;

class PlaceOfAStore : public ::testing::Test {
 protected:
  PlaceOfAStore() {
    fs::create_directory(folder);
    reopen();
    EXPECT_EQ(append(1, "a"), Status::ok);
  }

  void reopen() {
    store.reset();
    store.emplace(options, host);
    ASSERT_TRUE(store->is_open()) << host.log();
  }
  Status append(uint64_t seq, const std::string& update) {
    return (*store)->append({{"r", epoch, seq, update}});
  }
  std::string text() {
    std::string out;
    for (const auto& [seq, update] : (*store)->load("r").updates) out += update;
    return out;
  }
  void expect_trouble(const std::string& what) {
    const std::string line = "store " + path + ": cannot append: " + what + kAgain;
    EXPECT_EQ(append(2, "b"), Status::retry);
    EXPECT_EQ(append(2, "b"), Status::retry);
    EXPECT_EQ(host.log(), line) << "once";
    EXPECT_EQ((*store)->trouble(), what);
    EXPECT_EQ(host.metric("freshet_store_failing"), 1);
    EXPECT_EQ(text(), "a") << "what is saved can still be read";
  }
  void expect_mended() {
    EXPECT_EQ((*store)->trouble(), "");
    EXPECT_TRUE(host.logged("store " + path + ": writing works again")) << host.log();
    EXPECT_EQ(host.metric("freshet_store_failing"), 0);
    EXPECT_EQ(append(2, "b"), Status::ok);
    reopen();
    EXPECT_EQ(text(), "ab");
  }

  const TempDirectory directory;
  const std::string folder = directory / "data", path = directory / "data/test.db";
  const Epoch epoch = epoch_of(1);
  const Options options{.path = path, .lock_wait_ms = 0, .vfs = {}};
  const FakeHost host;
  std::optional<TestStore> store;
};

}  // namespace

TEST_F(PlaceOfAStore, ADeletedFileAcknowledgesNothing) {
  fs::remove(path);
  fs::remove(path + "-wal");
  expect_trouble("its file was moved or deleted");
}

TEST_F(PlaceOfAStore, AMovedFileGoesOnWhenItIsBack) {
  fs::rename(path, directory / "elsewhere");
  expect_trouble("its file was moved or deleted");
  fs::rename(directory / "elsewhere", path);
  expect_mended();
}

TEST_F(PlaceOfAStore, AMovedLogGoesOnWhenItIsBack) {
  fs::rename(path + "-wal", directory / "elsewhere");
  expect_trouble("its write-ahead log was moved or deleted");
  fs::rename(directory / "elsewhere", path + "-wal");
  expect_mended();
}

TEST_F(PlaceOfAStore, AMovedFolderGoesOnWhenItIsBack) {
  fs::rename(folder, directory / "elsewhere");
  expect_trouble("its file was moved or deleted");
  fs::rename(directory / "elsewhere", folder);
  expect_mended();
}

TEST_F(PlaceOfAStore, AnotherFileInItsPlaceIsNotWrittenTo) {
  fs::rename(path, directory / "elsewhere");
  write_file(path, "somebody else's");
  expect_trouble("another file is in the place of its file");
  EXPECT_EQ(contents(path), "somebody else's");
  fs::rename(directory / "elsewhere", path);
  expect_mended();
}

TEST_F(PlaceOfAStore, ALinkThatLeadsElsewhereIsAnotherFile) {
  store.reset();
  const std::string real = directory / "real.db";
  fs::rename(path, real);
  fs::create_symlink(real, path);
  reopen();
  write_file(directory / "other.db", "");
  fs::remove(path);
  fs::create_symlink(directory / "other.db", path);
  expect_trouble("another file is in the place of its file");
  fs::remove(path);
  fs::create_symlink(real, path);
  expect_mended();
}

TEST_F(PlaceOfAStore, IsToldWithoutAnybodyWriting) {
  EXPECT_EQ((*store)->trouble(), "");
  fs::rename(path, directory / "elsewhere");
  EXPECT_EQ((*store)->trouble(), "its file was moved or deleted");
  EXPECT_EQ((*store)->trouble(), "its file was moved or deleted");
  EXPECT_EQ(host.log(), "store " + path + ": cannot write: its file was moved or deleted" + kAgain);
  EXPECT_EQ(host.metric("freshet_store_failing"), 1);
  EXPECT_EQ(host.metric("freshet_store_failures_total"), 0);
}

TEST_F(PlaceOfAStore, EveryKindOfWriteIsRefused) {
  ASSERT_EQ((*store)->outbox_add("t", {{"k", "body"}}).status, Status::ok);
  fs::rename(path, directory / "elsewhere");
  EXPECT_EQ((*store)->put("p", epoch, "S"), Status::retry);
  EXPECT_EQ((*store)->replace("r", epoch, 1, "S"), Status::retry);
  EXPECT_EQ((*store)->erase("r"), Status::retry);
  EXPECT_EQ((*store)->outbox_add("t", {{"k", "body"}}).status, Status::retry);
  EXPECT_EQ((*store)->outbox_remove("t", {1}), Status::retry);
  EXPECT_EQ(text(), "a");
}

// The way out when the file is gone for good: what was saved is still there to be copied.
TEST_F(PlaceOfAStore, ABackupOfAFileThatIsGoneHasEverythingThatWasSaved) {
  fs::remove_all(folder);
  EXPECT_EQ(append(2, "b"), Status::retry);
  ASSERT_EQ((*store)->backup(directory / "copy"), Status::ok) << host.log();
  store.reset();
  Options copy = options;
  copy.path = directory / "copy";
  store.emplace(copy, host);
  ASSERT_TRUE(store->is_open()) << host.log();
  EXPECT_EQ(text(), "a");
}

TEST_F(PlaceOfAStore, ABackupMakesItsFolder) {
  EXPECT_EQ((*store)->backup(directory / "backup/of today/copy"), Status::ok) << host.log();
  EXPECT_TRUE(fs::exists(directory / "backup/of today/copy"));
}

TEST_F(PlaceOfAStore, ABackupThatCannotBeWrittenSaysWhy) {
  std::string trouble;
  const std::string under_a_file = path + "/copy";
  EXPECT_EQ((*store)->backup(under_a_file, &trouble), Status::denied);
  EXPECT_EQ(trouble, "no backup at " + under_a_file +
                         ": the user of the server cannot write there: Not a directory");
  EXPECT_EQ((*store)->backup(path, &trouble), Status::conflict);
  EXPECT_EQ(trouble, "no backup at " + path + ": there is something of that name already");
}

TEST_F(PlaceOfAStore, ClosingLeavesWhatIsInItsPlaceAlone) {
  fs::rename(folder, directory / "elsewhere");
  fs::create_directory(folder);
  write_file(path, "somebody else's");
  write_file(path + "-wal", "and its log");
  store.reset();
  EXPECT_EQ(contents(path), "somebody else's");
  EXPECT_EQ(contents(path + "-wal"), "and its log");
  fs::remove_all(folder);
  fs::rename(directory / "elsewhere", folder);
  reopen();
  EXPECT_EQ(text(), "a");
}

// ---- gone between the look before a commit and the one after it

namespace {

// Runs while SQLite commits.
std::function<void()> during_commit;

int hook(sqlite3* db, char**, const sqlite3_api_routines*) {
  sqlite3_commit_hook(
      db,
      [](void*) {
        if (during_commit) std::exchange(during_commit, nullptr)();
        return 0;
      },
      nullptr);
  return SQLITE_OK;
}

class PlaceDuringACommit : public PlaceOfAStore {
 protected:
  PlaceDuringACommit() {
    const auto entry = reinterpret_cast<void (*)()>(hook);
    sqlite3_auto_extension(entry);
    reopen();
    sqlite3_cancel_auto_extension(entry);
  }
  void vanish_during_commit() {
    during_commit = [this] { fs::rename(path, directory / "elsewhere"); };
  }
  void come_back() { fs::rename(directory / "elsewhere", path); }
};

}  // namespace

TEST_F(PlaceDuringACommit, IsNotAcknowledged) {
  vanish_during_commit();
  EXPECT_EQ(append(2, "b"), Status::retry);
  EXPECT_EQ((*store)->trouble(), "its file was moved or deleted");
}

// It was written, and nobody was told: the same again is not written twice.
TEST_F(PlaceDuringACommit, TheSameBatchAgainIsTakenAsWritten) {
  const std::vector<Append> batch = {{"r", epoch, 2, "b"}, {"new", epoch, 1, "n"}};
  vanish_during_commit();
  EXPECT_EQ((*store)->append(batch), Status::retry);
  EXPECT_EQ((*store)->append_again(batch).status, Status::retry) << "it is still gone";
  come_back();
  const auto again = (*store)->append_again(batch);
  EXPECT_EQ(again.status, Status::ok);
  EXPECT_EQ(again.seqs, (std::vector<uint64_t>{2, 1}));
  EXPECT_EQ(append(3, "c"), Status::ok);
  reopen();
  EXPECT_EQ(text(), "abc");
  EXPECT_EQ((*store)->load("new").updates.size(), 1u);
}

// As the server compacts: what it reads back has the batch that is to come again.
TEST_F(PlaceDuringACommit, TheSameAgainIsTakenAsWrittenAfterASnapshotOfIt) {
  const std::vector<Append> batch = {{"r", epoch, 2, "b"}, {"r", epoch, 3, "c"}};
  vanish_during_commit();
  EXPECT_EQ((*store)->append(batch), Status::retry);
  come_back();
  ASSERT_EQ((*store)->replace("r", epoch, 2, "S"), Status::ok);
  EXPECT_EQ((*store)->append_again(batch).seqs, (std::vector<uint64_t>{2, 3}));
  EXPECT_EQ(append(4, "d"), Status::ok);
  const Loaded loaded = (*store)->load("r");
  EXPECT_EQ(loaded.snapshots.at(0), std::pair(uint64_t{2}, std::string("S")));
  EXPECT_EQ(text(), "cd");
}

TEST_F(PlaceDuringACommit, WhatComesUnderAnotherNumberIsWritten) {
  vanish_during_commit();
  EXPECT_EQ(append(2, "b"), Status::retry);
  come_back();
  EXPECT_EQ(append(3, "b"), Status::ok);
  EXPECT_EQ(text(), "abb");
}

}  // namespace freshet::sqlite
