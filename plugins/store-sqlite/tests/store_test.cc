// What this store promises beyond the contract of every store.
#include <fstream>

#include "freshet/format/shown_name.h"
#include "store-sqlite/database/checksum.h"
#include "test_store.h"

namespace freshet::sqlite {

namespace {

class SqliteStoreTest : public ::testing::Test {
 protected:
  Options options() const { return {.path = path, .lock_wait_ms = 0, .vfs = {}}; }

  void grow(const std::string& room, uint64_t updates) {
    TestStore store(options(), host);
    ASSERT_TRUE(store.is_open()) << host.log();
    for (uint64_t seq = 1; seq <= updates; ++seq) {
      ASSERT_EQ(store->append({{room, epoch_of(1), seq, "update " + std::to_string(seq)}}),
                Status::ok);
    }
  }

  // Damages the closed file as no store would.
  void run_sql(const std::string& sql) {
    Database db;
    ASSERT_EQ(db.open(path, nullptr), SQLITE_OK);
    ASSERT_EQ(db.run(sql.c_str()), SQLITE_OK) << db.complaint();
  }

  // The room is refused with this reason, once in the log however often it is asked for.
  void expect_damaged(const std::string& room, const std::string& reason) {
    TestStore store(options(), host);
    ASSERT_TRUE(store.is_open()) << host.log();
    for (int times = 0; times < 3; ++times) EXPECT_EQ(store->load(room).status, Status::corrupt);
    const std::string log = host.log(),
                      line = "room \"" + shown_name(room) + "\" is damaged: " + reason;
    EXPECT_NE(log.find(line), std::string::npos) << log;
    EXPECT_EQ(log.find(line), log.rfind(line)) << log;
  }

  const TempDirectory directory;
  const std::string path = directory / "test.db";
  const FakeHost host;
};

}  // namespace

// ---- damage

TEST(Checksum, IsCrc32c) {
  // RFC 3720 B.4.
  EXPECT_EQ(Crc32c().add(as_bytes("123456789")).value(), 0xe3069283u);
  const std::vector<uint8_t> zeros(32, 0), ones(32, 0xff);
  EXPECT_EQ(Crc32c().add(Bytes(zeros)).value(), 0x8a9136aau);
  EXPECT_EQ(Crc32c().add(Bytes(ones)).value(), 0x62a8ab43u);
  // In pieces, whatever their length.
  EXPECT_EQ(Crc32c().add(as_bytes("12345678")).add(as_bytes("9")).value(), 0xe3069283u);
  EXPECT_EQ(Crc32c().add(as_bytes("123")).add(as_bytes("456789")).value(), 0xe3069283u);
}

TEST_F(SqliteStoreTest, NoticesAnUpdateThatRotted) {
  grow("r\n", 3);
  run_sql("UPDATE updates SET data = x'75706461746520ff' WHERE seq = 2");
  expect_damaged("r\n", "update 2 is not what was written");
}

TEST_F(SqliteStoreTest, NoticesABitFlippedInTheFile) {
  grow("r", 3);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});
  const size_t at = bytes.find("update 3");
  ASSERT_NE(at, std::string::npos);
  file.seekp(static_cast<std::streamoff>(at));
  file.put('U');
  file.close();
  expect_damaged("r", "update 3 is not what was written");
}

TEST_F(SqliteStoreTest, NoticesAnUpdateInAnothersPlace) {
  grow("r", 3);
  run_sql(
      "UPDATE updates SET seq = 9 WHERE seq = 1; UPDATE updates SET seq = 1 WHERE seq = 2; "
      "UPDATE updates SET seq = 2 WHERE seq = 9");
  expect_damaged("r", "update 1 is not what was written");
}

TEST_F(SqliteStoreTest, NoticesAGapInTheLog) {
  grow("r", 3);
  run_sql("DELETE FROM updates WHERE seq = 2");
  expect_damaged("r", "update 2 is gone");
}

TEST_F(SqliteStoreTest, NoticesTheEndOfTheLogMissing) {
  grow("r", 3);
  run_sql("DELETE FROM updates WHERE seq = 3");
  expect_damaged("r", "its log ends at 2 and should at 3");
}

TEST_F(SqliteStoreTest, NamesTheRoomWhoseRowRottedAndTakesTheOthers) {
  grow("bad", 3);
  grow("good", 1);
  run_sql("UPDATE rooms SET epoch = x'00' WHERE name = x'626164'");
  TestStore store(options(), host);
  ASSERT_TRUE(store.is_open()) << host.log();
  std::vector<std::string> offenders;
  EXPECT_EQ(
      store->append({{"good", epoch_of(1), 2, "x"}, {"bad", epoch_of(1), 4, "x"}}, &offenders),
      Status::corrupt);
  EXPECT_EQ(offenders, std::vector<std::string>{"bad"});
  EXPECT_EQ(store->append({{"good", epoch_of(1), 2, "x"}}), Status::ok);
}

TEST_F(SqliteStoreTest, NoticesASnapshotThatIsGoneOrRotted) {
  {
    TestStore store(options(), host);
    ASSERT_EQ(store->put("gone", epoch_of(1), "snapshot"), Status::ok);
    ASSERT_EQ(store->put("rotted", epoch_of(1), "snapshot"), Status::ok);
  }
  run_sql(
      "DELETE FROM snapshots WHERE room = (SELECT id FROM rooms WHERE name = x'676f6e65'); "
      "UPDATE snapshots SET data = x'00'");
  expect_damaged("gone", "its snapshot is gone");
  expect_damaged("rotted", "its snapshot is not what was written");
}

TEST_F(SqliteStoreTest, ADamagedRoomHarmsNoOtherAndCanBeReplacedOrErased) {
  grow("bad", 2);
  {
    TestStore store(options(), host);
    ASSERT_EQ(store->append({{"good", epoch_of(1), 1, "x"}, {"worse", epoch_of(1), 1, "x"}}),
              Status::ok);
  }
  run_sql(
      "UPDATE updates SET data = x'00'; UPDATE rooms SET epoch = x'01', last_seq = -5 "
      "WHERE name <> x'676f6f64'; UPDATE updates SET data = x'78' WHERE room = "
      "(SELECT id FROM rooms WHERE name = x'676f6f64')");
  TestStore store(options(), host);
  EXPECT_EQ(store->load("bad").status, Status::corrupt);
  EXPECT_EQ(store->append({{"bad", epoch_of(1), 3, "x"}}), Status::corrupt);
  EXPECT_EQ(store->load("good").status, Status::ok);
  EXPECT_EQ(store->append({{"good", epoch_of(1), 2, "x"}}), Status::ok);
  EXPECT_EQ(store->put("bad", epoch_of(2), "restored"), Status::ok);
  EXPECT_EQ(store->load("bad").snapshots.at(0).second, "restored");
  EXPECT_EQ(store->erase("worse"), Status::ok);
  EXPECT_EQ(store->load("worse").status, Status::not_found);
}

// ---- size

TEST_F(SqliteStoreTest, TakesASnapshotOfAHundredMegabytesAndGivesTheLogFileBack) {
  std::string snapshot(size_t{100} << 20, 's');
  for (size_t i = 0; i < snapshot.size(); i += 4096) snapshot[i] = static_cast<char>(i >> 12);
  Options small = options();
  small.checkpoint_bytes = int64_t{1} << 20;
  {
    TestStore store(small, host);
    ASSERT_EQ(store->append({{"r", epoch_of(1), 1, "x"}}), Status::ok);
    ASSERT_EQ(store->replace("r", epoch_of(1), 1, snapshot), Status::ok);
    for (uint64_t seq = 2; seq < 6; ++seq) {
      ASSERT_EQ(store->append({{"r", epoch_of(1), seq, "x"}}), Status::ok);
    }
    EXPECT_LE(std::filesystem::file_size(path + "-wal"), size_t{2} << 20);
  }
  TestStore store(small, host);
  const Loaded loaded = store->load("r");
  ASSERT_EQ(loaded.status, Status::ok) << host.log();
  EXPECT_TRUE(loaded.snapshots.at(0).second == snapshot);
  EXPECT_EQ(loaded.updates.size(), 4u);
}

// ---- backup

TEST_F(SqliteStoreTest, WritesABackupWholeForItsOwnerAloneOrNotAtAll) {
  grow("r", 3);
  TestStore store(options(), host);
  ASSERT_EQ(store->backup(directory / "copy.db"), Status::ok);
  EXPECT_FALSE(std::filesystem::exists(directory / "copy.db.part"));
  EXPECT_EQ(std::filesystem::status(directory / "copy.db").permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_EQ(store->backup(directory / "copy.db/copy.db"), Status::denied);
  EXPECT_TRUE(host.logged("no backup at " + (directory / "copy.db/copy.db") + ": ")) << host.log();
}

TEST_F(SqliteStoreTest, LeavesAloneWhatABackupWouldOverwrite) {
  grow("r", 3);
  std::ofstream(directory / "precious") << "data";
  TestStore store(options(), host);
  EXPECT_EQ(store->backup(directory / "precious"), Status::conflict);
  EXPECT_EQ(store->backup(path), Status::conflict);
  std::string kept;
  std::ifstream(directory / "precious") >> kept;
  EXPECT_EQ(kept, "data");
  EXPECT_TRUE(host.logged("there is something of that name already")) << host.log();
}

// ---- what is counted

TEST_F(SqliteStoreTest, CountsCommitsUpdatesAndBytes) {
  TestStore store(options(), host);
  ASSERT_EQ(store->append({{"r", epoch_of(1), 1, "four"}, {"s", epoch_of(1), 1, "sixsix"}}),
            Status::ok);
  ASSERT_EQ(store->append({{"r", epoch_of(2), 9, "refused"}}), Status::conflict);
  ASSERT_EQ(store->put("t", epoch_of(1), "x"), Status::ok);
  EXPECT_EQ(host.metric("freshet_store_commits_total"), 2);
  EXPECT_EQ(host.metric("freshet_store_updates_total"), 2);
  EXPECT_EQ(host.metric("freshet_store_update_bytes_total"), 10);
  EXPECT_GT(host.metric("freshet_store_commit_microseconds_total"), 0);
  EXPECT_EQ(host.metric("freshet_store_failures_total"), 0);
}

TEST(ShownName, IsPrintableAndBounded) {
  EXPECT_EQ(shown_name("team/notes"), "team/notes");
  EXPECT_EQ(shown_name("a\n\x1b[31m\"\\\xff"), "a\\x0a\\x1b[31m\\x22\\x5c\\xff");
  EXPECT_EQ(shown_name(std::string(500, 'x')), std::string(kMaxLoggedNameBytes, 'x') + "...");
}

}  // namespace freshet::sqlite
