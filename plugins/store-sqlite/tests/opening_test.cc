// From a path to a file that is ours: what is made, what is refused, what a person reads then, and
// that a refused file is as it was.
#include "store-sqlite/file/opening.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store-sqlite/database/checksum.h"
#include "store-sqlite/database/schema.h"
#include "test_store.h"

namespace freshet::sqlite {

namespace {

mode_t mode_of(const std::string& path) {
  struct stat about{};
  EXPECT_EQ(::stat(path.c_str(), &about), 0) << path;
  return about.st_mode & 0777;
}

// Runs SQL on a file as another program would.
void run_sql(const std::string& path, const std::string& sql) {
  Database db;
  ASSERT_EQ(db.open(path, nullptr), SQLITE_OK);
  ASSERT_EQ(db.run(sql.c_str()), SQLITE_OK) << db.complaint();
}

class Opening : public ::testing::Test {
 protected:
  Options options(Integrity integrity = Integrity::quick) const {
    return {.path = path, .integrity = integrity, .lock_wait_ms = 0, .vfs = {}};
  }

  // A store with rooms in it, closed in order.
  void make_store(size_t updates = 3) {
    const FakeHost quiet;
    TestStore store(options(), quiet);
    ASSERT_TRUE(store.is_open()) << quiet.log();
    std::vector<Append> batch;
    for (uint64_t seq = 1; seq <= updates; ++seq) {
      batch.push_back({"r", epoch_of(1), seq, std::string(1000, 'u')});
    }
    ASSERT_EQ(store->append(batch), Status::ok);
    ASSERT_EQ(store->replace("r", epoch_of(1), 1, "snapshot"), Status::ok);
  }

  // As a Freshet of that schema left it: a room "r" with one update, "x".
  void make_file_of_version(size_t version) {
    Database db;
    ASSERT_EQ(db.open(path, nullptr), SQLITE_OK);
    ASSERT_EQ(migrate(db, 0, migrations().first(version)), SQLITE_OK);
    const auto sum = Crc32c().add(Bytes(epoch_of(1).bytes)).add(uint64_t{1}).add(as_bytes("x"));
    ASSERT_EQ(db.run(("INSERT INTO rooms VALUES (1, x'72', "
                      "x'0102030405060708090a0b0c0d0e0f10', 1, 0, NULL, 1);"
                      "INSERT INTO updates VALUES (1, 1, " +
                      std::to_string(sum.value()) + ", x'78')")
                         .c_str()),
              SQLITE_OK);
  }

  // The store is refused, the log says `reason`, and no file has changed or appeared.
  void expect_refused(Status status, const std::string& reason,
                      Integrity integrity = Integrity::quick) {
    const std::string before = contents(path), wal_before = contents(path + "-wal");
    {
      TestStore store(options(integrity), host);
      EXPECT_FALSE(store.is_open());
      EXPECT_EQ(store.status(), status) << name_of(store.status());
    }
    EXPECT_TRUE(host.logged(path + ": " + reason)) << host.log();
    EXPECT_TRUE(contents(path) == before) << "the file was touched";
    EXPECT_TRUE(contents(path + "-wal") == wal_before) << "the write-ahead log was touched";
    for (const auto& entry : std::filesystem::directory_iterator(directory / "")) {
      const std::string name = entry.path().string();
      EXPECT_TRUE(name == path || name == path + "-wal") << "left behind: " << name;
    }
  }

  const TempDirectory directory;
  const std::string path = directory / "test.db";
  const FakeHost host;
};

}  // namespace

// ---- making

TEST_F(Opening, MakesDirectoriesAndFileForTheirOwnerAlone) {
  Options nested = options();
  nested.path = directory / "a/b/test.db";
  TestStore store(nested, host);
  ASSERT_TRUE(store.is_open()) << host.log();
  ASSERT_EQ(store->append({{"r", epoch_of(1), 1, "x"}}), Status::ok);
  EXPECT_EQ(mode_of(directory / "a"), 0700u);
  EXPECT_EQ(mode_of(directory / "a/b"), 0700u);
  EXPECT_EQ(mode_of(nested.path), 0600u);
  EXPECT_EQ(mode_of(nested.path + "-wal"), 0600u);
  EXPECT_EQ(host.log(), "");
}

TEST_F(Opening, TakesItsDefaultsFromTheSchemaOfItsSettings) {
  FakeHost defaults(SqliteStore::kSettings);
  defaults.set("path", path);
  auto store = make_plugin<SqliteStore>(defaults.host());
  ASSERT_TRUE(store) << defaults.log();
  EXPECT_EQ(contents(path).substr(0, 15), "SQLite format 3");
}

TEST_F(Opening, LeavesOneFileBehindWhenItIsClosedInOrder) {
  make_store();
  EXPECT_FALSE(std::filesystem::exists(path + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(path + "-shm"));
}

TEST_F(Opening, AnEmptyFileIsAStoreToBe) {
  write_file(path, "");
  TestStore store(options(), host);
  EXPECT_TRUE(store.is_open()) << host.log();
}

TEST_F(Opening, SaysWhyADirectoryCannotBeMade) {
  write_file(directory / "file", "not a directory");
  Options inside = options();
  inside.path = directory / "file/test.db";
  TestStore store(inside, host);
  EXPECT_EQ(store.status(), Status::malformed);
  EXPECT_EQ(host.log(), "store " + inside.path + ": cannot make its directory: Not a directory\n");
}

// Whatever is on the disk, so that nothing is made on the way to finding out.
TEST(PathOfAStore, IsOneThatAFileCanHave) {
  const auto judged = [](const std::string& path) {
    FakeHost fake(SqliteStore::kSettings);
    fake.set("path", path);
    const auto options = settings_of<SqliteStore>(fake.host());
    EXPECT_EQ(bool(options), fake.log().empty());
    return fake.log();
  };
  EXPECT_EQ(judged(""), "path: is empty\n");
  for (const std::string folder : {"/", "data/", ".", "..", "data/.", "data/.."}) {
    EXPECT_EQ(judged(folder), "path: \"" + folder + "\" names a folder, where a file must be\n");
  }
  EXPECT_EQ(judged("data/" + std::string(256, 'x') + "/a"),
            "path: has a part of 256 bytes, and no name of a file may be longer than 255\n");
  EXPECT_EQ(judged(std::string(4095, '/') + "a"),
            "path: is one of 4096 bytes, and no path may be longer than 4095\n");
  for (const std::string good : {"a", "a/b.db", "/a", "...", ".hidden", "a b", "./a", "../a"}) {
    EXPECT_EQ(judged(good), "") << good;
  }
  EXPECT_EQ(judged(std::string(255, 'x')), "");
}

TEST_F(Opening, SaysWhyTheFileCannotBeMade) {
  Options inside = options();
  inside.path = directory / std::string(300, 'n');  // longer than a file system's names
  TestStore store(inside, host);
  EXPECT_EQ(store.status(), Status::malformed);
  EXPECT_EQ(host.log(), "store " + inside.path + ": cannot make the file: File name too long\n");
}

// SQLite's name for a database in memory is no file, whatever file is made for it.
TEST_F(Opening, SaysThatThereIsNoWriteAheadLogInMemory) {
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(directory / "");
  Options memory = options();
  memory.path = ":memory:";
  TestStore store(memory, host);
  std::filesystem::current_path(before);
  EXPECT_EQ(store.status(), Status::unsupported);
  EXPECT_EQ(host.log(), "store :memory:: this file system does not take a write-ahead log\n");
}

TEST_F(Opening, SaysThatThePathIsADirectory) {
  std::filesystem::create_directory(path);
  TestStore store(options(), host);
  EXPECT_FALSE(store.is_open());
  EXPECT_TRUE(host.logged(path + ": cannot read the file: ")) << host.log();
}

// ---- refusing

TEST_F(Opening, RefusesAFileThatIsNoDatabase) {
  write_file(path, "[server]\nlisten = 4747\n" + std::string(5000, '#'));
  expect_refused(Status::corrupt, "this is no SQLite database");
}

TEST_F(Opening, RefusesAShortFileThatIsNoDatabase) {
  write_file(path, "x");
  expect_refused(Status::corrupt, "this is no SQLite database");
}

TEST_F(Opening, RefusesTheDatabaseOfAnotherProgram) {
  run_sql(path, "CREATE TABLE bookmarks(url TEXT)");
  expect_refused(Status::unsupported, "this SQLite database belongs to another program");
}

TEST_F(Opening, DoesNotRollBackTheJournalOfAnotherProgram) {
  run_sql(path, "CREATE TABLE bookmarks(url TEXT); INSERT INTO bookmarks VALUES ('x')");
  // A hot journal as SQLite would find it after a crash: opening the database would play it back.
  write_file(path + "-journal",
             std::string("\xd9\xd5\x05\xf9\x20\xa1\x63\xd7", 8) + std::string(600, '\1'));
  const std::string before = contents(path), journal = contents(path + "-journal");
  TestStore store(options(), host);
  EXPECT_FALSE(store.is_open());
  EXPECT_TRUE(contents(path) == before);
  EXPECT_TRUE(contents(path + "-journal") == journal);
}

TEST_F(Opening, RefusesTheStoreOfANewerFreshet) {
  make_store();
  run_sql(path, "PRAGMA user_version = 8");
  expect_refused(Status::unsupported,
                 "this store was written by a newer Freshet (schema 8, this one knows up to 7)");
}

TEST_F(Opening, RefusesANewerStoreWhoseVersionIsInTheWriteAheadLog) {
  make_store();
  {
    Database db;
    ASSERT_EQ(db.open(path, nullptr), SQLITE_OK);
    sqlite3_db_config(db.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    ASSERT_EQ(db.run("PRAGMA locking_mode = EXCLUSIVE; PRAGMA user_version = 8"), SQLITE_OK);
  }
  ASSERT_GT(contents(path + "-wal").size(), 0u);
  expect_refused(Status::unsupported, "this store was written by a newer Freshet");
}

TEST_F(Opening, RefusesAFileThatWasCutShort) {
  make_store(200);
  const std::string whole = contents(path);
  write_file(path, whole.substr(0, whole.size() / 2));
  expect_refused(Status::corrupt, "the file is damaged: ");
}

TEST_F(Opening, RefusesAFileWithABrokenPage) {
  make_store(200);
  std::string bytes = contents(path);
  // Not the first page, which has the header, and not a page of a blob alone.
  for (size_t page = 1; page * 4096 < bytes.size(); ++page) bytes[page * 4096] = '\x55';
  write_file(path, bytes);
  expect_refused(Status::corrupt, "the file is damaged: ");
}

TEST_F(Opening, FullIntegritySeesAnIndexThatDisagreesWithItsTable) {
  make_store();
  run_sql(path,
          "PRAGMA writable_schema = ON; INSERT INTO rooms VALUES (9, x'7878', zeroblob(16), 0, 0, "
          "NULL, 0)");
  std::string bytes = contents(path);
  // The name in the table changes, the one in the unique index does not.
  const size_t at = bytes.rfind("xx");
  ASSERT_NE(at, std::string::npos);
  bytes[at] = 'y';
  write_file(path, bytes);
  expect_refused(Status::corrupt, "the file is damaged: ", Integrity::full);
}

TEST_F(Opening, RefusesTablesThatAreNotItsOwn) {
  make_store();
  run_sql(path, "DROP TABLE snapshots");
  TestStore store(options(), host);
  EXPECT_FALSE(store.is_open());
  EXPECT_TRUE(host.logged("the tables are not what this version makes: no such table: snapshots"))
      << host.log();
}

// ---- one owner

TEST_F(Opening, RefusesASecondStoreInThisProcess) {
  TestStore first(options(), host);
  ASSERT_TRUE(first.is_open());
  TestStore second(options(), host);
  EXPECT_FALSE(second.is_open());
  EXPECT_TRUE(host.logged("has this file open, and a store has one owner")) << host.log();
  EXPECT_EQ(first->append({{"r", epoch_of(1), 1, "x"}}), Status::ok);
  // Looking at the file has not loosened the first one's lock.
  TestStore third(options(), host);
  EXPECT_FALSE(third.is_open());
}

TEST_F(Opening, NamesTheProcessThatHasTheFileAndTakesItWhenThatIsKilled) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const FakeHost quiet;
    TestStore store(options(), quiet);
    const char byte = store.is_open() ? 'y' : 'n';
    static_cast<void>(!::write(ready[1], &byte, 1));
    for (;;) ::pause();
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  {
    TestStore second(options(), host);
    EXPECT_FALSE(second.is_open());
    EXPECT_EQ(second.status(), Status::retry);
  }
  const std::string log = host.log();
  EXPECT_NE(log.find(path + ": another process (" + std::to_string(child) + ") has this file open"),
            std::string::npos)
      << log;
  EXPECT_NE(log.find("Stop the other server, or give this one another `path`"), std::string::npos);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  TestStore third(options(), host);
  EXPECT_TRUE(third.is_open()) << host.log();
}

TEST_F(Opening, KeepsOtherProgramsOut) {
  TestStore store(options(), host);
  ASSERT_TRUE(store.is_open());
  Database db;
  ASSERT_EQ(db.open(path, nullptr), SQLITE_OK);
  EXPECT_EQ(db.run("DELETE FROM rooms") & 0xff, SQLITE_BUSY);
}

// ---- schema

TEST_F(Opening, BringsAFileFromBeforeTheOutboxUpToDateAndKeepsWhatItHas) {
  make_file_of_version(1);
  TestStore store(options(), host);
  ASSERT_TRUE(store.is_open()) << host.log();
  EXPECT_EQ(store->load("r").updates.at(0).second, "x");
  EXPECT_EQ(store->outbox_add("t", {{"r", "body"}}).status, Status::ok);
  EXPECT_EQ(store->outbox_list("t", false).entries.size(), 1u);
}

TEST_F(Opening, GoesOnWithAFileFromBeforeRowsHadAuthors) {
  make_file_of_version(4);
  TestStore store(options(), host);
  ASSERT_TRUE(store.is_open()) << host.log();
  ASSERT_EQ(store->append({{"r", epoch_of(1), 2, "y", "ada", 5, 7}}), Status::ok);
  const std::vector<testing::Row> rows = {{1, "x", "", 0, 0}, {2, "y", "ada", 5, 7}};
  EXPECT_EQ(store->load("r").rows, rows);
}

TEST_F(Opening, CountsWhatWaitsInAnOutboxFromBeforeTheShares) {
  {
    Database db;
    ASSERT_EQ(db.open(path, nullptr), SQLITE_OK);
    ASSERT_EQ(migrate(db, 0, migrations().first(2)), SQLITE_OK);
    const auto sum =
        Crc32c().add(uint64_t{1}).add(as_bytes("r")).add(uint64_t{7}).add(as_bytes("x"));
    ASSERT_EQ(db.run(("INSERT INTO outbox VALUES (1, x'74', 0, 1, x'72', 7, NULL, " +
                      std::to_string(sum.value()) + ", x'78')")
                         .c_str()),
              SQLITE_OK);
  }
  Options small = options();
  small.outbox_key_max_entries = 1;
  TestStore store(small, host);
  ASSERT_TRUE(store.is_open()) << host.log();
  EXPECT_EQ(store->outbox_read("t", 1).entries.at(0).body, "x");
  EXPECT_EQ(store->outbox_add("t", {{"r", "y"}}).status, Status::too_large);
  ASSERT_EQ(store->outbox_remove("t", {1}), Status::ok);
  EXPECT_EQ(store->outbox_add("t", {{"r", "y"}}).status, Status::ok);
}

TEST_F(Opening, MigratesStepByStepFromWhereTheFileIs) {
  const char* const steps[] = {"CREATE TABLE a(x)", "CREATE TABLE b(x); INSERT INTO b VALUES (1)",
                               "INSERT INTO b VALUES (2)"};
  Database db;
  ASSERT_EQ(db.open(path, nullptr), SQLITE_OK);
  ASSERT_EQ(migrate(db, 0, std::span(steps).first(1)), SQLITE_OK);
  ASSERT_EQ(migrate(db, 1, steps), SQLITE_OK);
  std::string answer;
  ASSERT_EQ(db.ask("SELECT sum(x) FROM b", answer), SQLITE_OK);
  EXPECT_EQ(answer, "3");
  ASSERT_EQ(db.ask("PRAGMA user_version", answer), SQLITE_OK);
  EXPECT_EQ(answer, "3");
  ASSERT_EQ(db.ask("PRAGMA application_id", answer), SQLITE_OK);
  EXPECT_EQ(answer, std::to_string(kApplicationId));
  EXPECT_EQ(migrate(db, 3, steps), SQLITE_OK);
}

}  // namespace freshet::sqlite
