// The file at work: what a transaction answers when the files are not where they were, and which
// log is theirs.
#include "store-sqlite/file/database_file.h"

#include "test_store.h"

namespace freshet::sqlite {
namespace {

class FileAtWork : public ::testing::Test {
 protected:
  void open(int64_t checkpoint_bytes = int64_t{16} << 20) {
    options = {.path = directory / "x.db"};
    options.checkpoint_bytes = checkpoint_bytes;
    auto db = open_file(options, host.host());
    ASSERT_TRUE(db) << host.log();
    file.emplace(options, host.host(), *std::move(db));
    ASSERT_EQ(file->prepare(), SQLITE_OK);
    file->start();
  }
  void move_away() { std::filesystem::rename(options.path, options.path + ".moved"); }
  void put_back() { std::filesystem::rename(options.path + ".moved", options.path); }
  std::string mark() {
    std::string out;
    EXPECT_EQ(file->db().ask("SELECT hex(mark) FROM log_mark", out), SQLITE_OK);
    return out;
  }

  TempDirectory directory;
  FakeHost host;
  Options options;
  std::optional<DatabaseFile> file;
};

TEST_F(FileAtWork, WritesAndCounts) {
  open();
  EXPECT_EQ(file->look(), SQLITE_OK);
  EXPECT_EQ(file->try_writing(), SQLITE_OK);
  EXPECT_FALSE(file->take_unanswered());
  EXPECT_EQ(host.metric("freshet_store_commits_total"), 1);
  EXPECT_GT(host.metric("freshet_store_wal_bytes"), 0);
}

TEST_F(FileAtWork, BeginsNothingInAFileThatIsNotWhereItWas) {
  open();
  move_away();
  EXPECT_EQ(file->look(), SQLITE_READONLY_DBMOVED);
  EXPECT_EQ(file->try_writing(), SQLITE_READONLY_DBMOVED);
  EXPECT_NE(file->db().complaint(), "");
  EXPECT_FALSE(file->take_unanswered()) << "nothing was committed";
  put_back();
  EXPECT_EQ(file->look(), SQLITE_OK);
  EXPECT_EQ(file->try_writing(), SQLITE_OK);
}

TEST_F(FileAtWork, SaysOnceThatACommitWasNotAnsweredAsTheFileWentAway) {
  open();
  {
    Transaction transaction(file->db());
    ASSERT_EQ(file->begin(transaction), SQLITE_OK);
    ASSERT_EQ(file->db().run("UPDATE log_mark SET mark = mark"), SQLITE_OK);
    move_away();
    EXPECT_EQ(file->commit(transaction), SQLITE_READONLY_DBMOVED);
  }
  EXPECT_TRUE(file->take_unanswered());
  EXPECT_FALSE(file->take_unanswered());
  EXPECT_EQ(host.metric("freshet_store_commits_total"), 0);
}

TEST_F(FileAtWork, FoldsALongLogIntoTheFileAndThenDrawsAnotherMark) {
  open(1);
  ASSERT_EQ(file->try_writing(), SQLITE_OK);
  const std::string first = mark();
  ASSERT_EQ(file->try_writing(), SQLITE_OK);
  EXPECT_NE(mark(), first);
}

TEST_F(FileAtWork, KeepsTheMarkOfALogThatIsNotFolded) {
  open();
  ASSERT_EQ(file->try_writing(), SQLITE_OK);
  const std::string first = mark();
  ASSERT_EQ(file->try_writing(), SQLITE_OK);
  EXPECT_EQ(mark(), first);
}

}  // namespace
}  // namespace freshet::sqlite
