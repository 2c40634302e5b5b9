// What arrives in one table and moves into the log of its room: nobody who asks sees the
// difference.
#include "store-sqlite/arrivals.h"

#include <sys/wait.h>
#include <unistd.h>

#include "store-sqlite/database/schema.h"
#include "test_store.h"

namespace freshet::sqlite {

namespace {

class ArrivalsTest : public ::testing::Test {
 protected:
  Options options(size_t max_arrivals = kMaxArrivals) const {
    return {.path = path,
            .lock_wait_ms = 0,
            .max_arrivals = max_arrivals,
            .min_arriving_rooms = 1,
            .vfs = {}};
  }

  // A process that ends with its store open: what has arrived is where it arrived.
  template <class Act>
  void killed_after(Act act, size_t min_rooms = 1, size_t max_arrivals = kMaxArrivals) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      const FakeHost quiet;
      Options own = options(max_arrivals);
      own.min_arriving_rooms = min_rooms;
      TestStore store(own, quiet);
      ::_exit(store.is_open() && act(*store) ? 0 : 1);
    }
    int ended = 0;
    ASSERT_EQ(::waitpid(child, &ended, 0), child);
    ASSERT_TRUE(WIFEXITED(ended) && WEXITSTATUS(ended) == 0);
  }

  // Of a file that no store has.
  std::string ask(const std::string& sql) {
    Database db;
    std::string out;
    EXPECT_EQ(db.open(path, nullptr), SQLITE_OK);
    EXPECT_EQ(db.ask(sql.c_str(), out), SQLITE_OK) << db.complaint();
    // The log stays: the next to open the file is a store.
    sqlite3_db_config(db.handle(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
    return out;
  }
  std::string arrived() { return ask("SELECT count(*) FROM arrivals"); }
  std::string in_logs() { return ask("SELECT count(*) FROM updates"); }

  static Status letter(StoreCaller& store, const std::string& room, uint64_t seq) {
    return store.append({{room, epoch_of(1), seq, std::to_string(seq), "ada", seq, seq + 1}});
  }
  static bool letters(StoreCaller& store, const std::string& room, uint64_t from, uint64_t to) {
    for (uint64_t seq = from; seq <= to; ++seq) {
      if (letter(store, room, seq) != Status::ok) return false;
    }
    return true;
  }
  static void expect_letters(StoreCaller& store, const std::string& room, uint64_t from,
                             uint64_t to) {
    const Loaded loaded = store.load(room);
    ASSERT_EQ(loaded.status, Status::ok);
    ASSERT_EQ(loaded.rows.size(), to - from + 1);
    for (uint64_t seq = from; seq <= to; ++seq) {
      const testing::Row row{seq, std::to_string(seq), "ada", seq, seq + 1};
      EXPECT_EQ(loaded.rows[seq - from], row);
    }
  }

  const TempDirectory directory;
  const std::string path = directory / "test.db";
  const FakeHost host;
};

}  // namespace

TEST_F(ArrivalsTest, AreThereAfterAKillAndGoOnFromThere) {
  killed_after([](StoreCaller& store) { return letters(store, "r", 1, 5); });
  EXPECT_EQ(arrived(), "5");
  {
    TestStore store(options(), host);
    ASSERT_TRUE(store.is_open()) << host.log();
    expect_letters(*store, "r", 1, 5);
    EXPECT_EQ(store->info("r").last_seq, 5u);
    EXPECT_EQ(letter(*store, "r", 6), Status::ok);
    expect_letters(*store, "r", 1, 6);
  }
  EXPECT_EQ(arrived(), "0") << "a store that is closed in order leaves them in the log";
  EXPECT_EQ(in_logs(), "6");
}

TEST_F(ArrivalsTest, AreBehindWhatIsInTheLog) {
  {
    TestStore store(options(), host);
    ASSERT_TRUE(letters(*store, "r", 1, 3));
  }
  killed_after([](StoreCaller& store) { return letters(store, "r", 4, 6); });
  EXPECT_EQ(arrived(), "3");
  TestStore store(options(), host);
  expect_letters(*store, "r", 1, 6);
}

TEST_F(ArrivalsTest, MoveAllAtOnceWhenTheyAreMany) {
  const auto three_rooms = [](StoreCaller& store) {
    bool good = true;
    for (uint64_t seq = 1; seq <= 25; ++seq) {
      for (const char* room : {"a", "b", "c"}) {
        good = good && letter(store, room, seq) == Status::ok;
        expect_letters(store, room, 1, seq);
      }
    }
    return good && !HasFailure();
  };
  killed_after(three_rooms, 1, 10);
  EXPECT_EQ(in_logs(), "70");
  EXPECT_EQ(arrived(), "5");
}

TEST_F(ArrivalsTest, ABatchOfLargeUpdatesGoesIntoTheLogBehindThem) {
  const std::string large(2 * kMaxArrivingBytes, 'x');
  killed_after([&](StoreCaller& store) {
    return letters(store, "r", 1, 3) && letters(store, "s", 1, 1) &&
           store.append({{"r", epoch_of(1), 4, large}}) == Status::ok && letters(store, "r", 5, 6);
  });
  EXPECT_EQ(in_logs(), "4");
  EXPECT_EQ(arrived(), "3") << "two behind it, and the other room's";
  TestStore store(options(), host);
  const Loaded loaded = store->load("r");
  ASSERT_EQ(loaded.updates.size(), 6u);
  EXPECT_EQ(loaded.updates[3].second, large);
  EXPECT_EQ(loaded.updates[5].second, "6");
}

TEST_F(ArrivalsTest, ABatchOfFewRoomsGoesIntoTheLogAtOnce) {
  killed_after([&](StoreCaller& store) { return letters(store, "r", 1, 3); }, kMinArrivingRooms);
  EXPECT_EQ(in_logs(), "3");
  EXPECT_EQ(arrived(), "0");
}

TEST_F(ArrivalsTest, ABatchOfFewRoomsArrivesBehindWhatHasArrivedOfThem) {
  killed_after(
      [&](StoreCaller& store) {
        std::vector<Append> batch;
        for (size_t room = 0; room < kMinArrivingRooms; ++room) {
          batch.push_back({"r" + std::to_string(room), epoch_of(1), 1, "1"});
        }
        return store.append(batch) == Status::ok && letters(store, "r0", 2, 3) &&
               letters(store, "other", 1, 1);
      },
      kMinArrivingRooms);
  EXPECT_EQ(arrived(), "6");
  EXPECT_EQ(in_logs(), "1") << "nothing of the other has arrived";
}

TEST_F(ArrivalsTest, CountInTheSizeOfARoom) {
  TestStore store(options(), host);
  ASSERT_EQ(store->append({{"r", epoch_of(1), 1, "four"}, {"s", epoch_of(1), 1, "sixsix"}}),
            Status::ok);
  Status status = Status::ok;
  const std::vector<std::pair<std::string, uint64_t>> sizes = {{"r", 4}, {"s", 6}};
  EXPECT_EQ(store->list("", 10, &status), sizes);
}

TEST_F(ArrivalsTest, ASnapshotTakesThePlaceOfThoseItHas) {
  TestStore store(options(), host);
  ASSERT_TRUE(letters(*store, "r", 1, 5));
  ASSERT_TRUE(letters(*store, "other", 1, 2));
  ASSERT_EQ(store->replace("r", epoch_of(1), 3, "snapshot"), Status::ok);
  ASSERT_TRUE(letters(*store, "r", 6, 7));
  const Loaded loaded = store->load("r");
  EXPECT_EQ(loaded.snapshots.at(0).first, 3u);
  expect_letters(*store, "r", 4, 7);
  expect_letters(*store, "other", 1, 2);
}

TEST_F(ArrivalsTest, OfOtherRoomsStayWhereOneIsReplacedPutOrErased) {
  killed_after([](StoreCaller& store) {
    return letters(store, "other", 1, 4) && letters(store, "r", 1, 3) &&
           store.replace("r", epoch_of(1), 2, "two") == Status::ok && letters(store, "p", 1, 3) &&
           store.put("p", epoch_of(2), "put") == Status::ok && letters(store, "e", 1, 3) &&
           store.erase("e") == Status::ok && letters(store, "r", 4, 4);
  });
  EXPECT_EQ(arrived(), "5") << "of the other four, and one behind the snapshot";
  EXPECT_EQ(in_logs(), "1");
  TestStore store(options(), host);
  expect_letters(*store, "other", 1, 4);
  EXPECT_EQ(store->load("r").rows.size(), 2u);
  EXPECT_EQ(store->info("r").last_seq, 4u);
}

TEST_F(ArrivalsTest, OfARoomThatIsErasedOrPutNothingIsLeft) {
  TestStore store(options(), host);
  ASSERT_TRUE(letters(*store, "erased", 1, 2));
  ASSERT_TRUE(letters(*store, "put", 1, 2));
  ASSERT_EQ(store->erase("erased"), Status::ok);
  ASSERT_EQ(store->put("put", epoch_of(2), "new"), Status::ok);
  EXPECT_EQ(store->load("erased").status, Status::not_found);
  EXPECT_EQ(store->load("put").updates.size(), 0u);
  ASSERT_TRUE(letters(*store, "erased", 1, 1));
  expect_letters(*store, "erased", 1, 1);
}

TEST_F(ArrivalsTest, AreInABackupAndGetItsEpochs) {
  {
    TestStore store(options(), host);
    ASSERT_TRUE(letters(*store, "r", 1, 3));
    ASSERT_EQ(store->backup(directory / "copy.db"), Status::ok);
  }
  ASSERT_EQ(SqliteStore::restore(host.host(), directory / "copy.db", options()), Status::ok)
      << host.log();
  TestStore store(options(), host);
  expect_letters(*store, "r", 1, 3);
  EXPECT_NE(store->load("r").epochs.at(0), epoch_of(1));
}

TEST_F(ArrivalsTest, ThatRottedAreNoticedAndTheOthersAreServed) {
  killed_after([](StoreCaller& store) {
    return letters(store, "bad", 1, 3) && letters(store, "good", 1, 1);
  });
  {
    Database db;
    ASSERT_EQ(db.open(path, nullptr), SQLITE_OK);
    ASSERT_EQ(db.run("UPDATE arrivals SET data = x'00' WHERE id = 2"), SQLITE_OK);
  }
  TestStore store(options(), host);
  ASSERT_TRUE(store.is_open()) << host.log();
  EXPECT_EQ(store->load("bad").status, Status::corrupt);
  EXPECT_TRUE(host.logged("update 2 is not what was written")) << host.log();
  EXPECT_EQ(letter(*store, "good", 2), Status::ok);
  expect_letters(*store, "good", 1, 2);
  EXPECT_EQ(store->erase("bad"), Status::ok);
}

// What the log has in their place, as no store leaves it, harms one room.
TEST_F(ArrivalsTest, MoveAlsoWhenTheLogOfOneRoomHasTheirPlace) {
  killed_after([](StoreCaller& store) {
    return letters(store, "bad", 1, 2) && letters(store, "good", 1, 2);
  });
  {
    Database db;
    ASSERT_EQ(db.open(path, nullptr), SQLITE_OK);
    ASSERT_EQ(db.run("INSERT INTO updates(room, seq, checksum, data) VALUES (1, 2, 0, x'00')"),
              SQLITE_OK);
  }
  {
    TestStore store(options(2), host);
    ASSERT_TRUE(store.is_open()) << host.log();
    EXPECT_EQ(letter(*store, "good", 3), Status::ok);
    expect_letters(*store, "good", 1, 3);
    expect_letters(*store, "bad", 1, 2);
  }
  EXPECT_EQ(arrived(), "0");
}

TEST_F(ArrivalsTest, ThatRottedIntoAnotherRoomHarmNothingOfIt) {
  killed_after([](StoreCaller& store) {
    const std::string large(2 * kMaxArrivingBytes, 'x');
    return letters(store, "bad", 1, 3) &&
           store.append({{"good", epoch_of(1), 1, large}}) == Status::ok &&
           store.append({{"good", epoch_of(1), 2, large}}) == Status::ok;
  });
  {
    Database db;
    ASSERT_EQ(db.open(path, nullptr), SQLITE_OK);
    ASSERT_EQ(db.run("UPDATE arrivals SET room = 2 WHERE seq = 2"), SQLITE_OK);
    ASSERT_EQ(db.run("UPDATE arrivals SET room = 3 WHERE seq = 1"), SQLITE_OK);
  }
  {
    TestStore store(options(), host);
  }  // all of it moves
  TestStore store(options(), host);
  ASSERT_TRUE(store.is_open()) << host.log();
  EXPECT_EQ(store->load("bad").status, Status::corrupt);
  EXPECT_EQ(store->load("good").rows.size(), 2u);
  EXPECT_EQ(store->info("good").last_seq, 2u);
  EXPECT_TRUE(letters(*store, "new", 1, 2)) << "under the id that no room had";
  expect_letters(*store, "new", 1, 2);
}

// Rooms are found by their ids, however many there are.
TEST_F(ArrivalsTest, MoveWithoutALookAtOtherRooms) {
  Database db;
  ASSERT_EQ(db.open(path, nullptr), SQLITE_OK);
  ASSERT_EQ(migrate(db, 0, migrations()), SQLITE_OK);
  Statement plan;
  ASSERT_EQ(plan.prepare(db, std::string("EXPLAIN QUERY PLAN ") + kGrowRooms), SQLITE_OK);
  std::string steps;
  Use row(plan);
  while (row.step() == SQLITE_ROW) steps += std::string(as_text(row.bytes(3))) + "\n";
  EXPECT_NE(steps.find("SEARCH rooms USING INTEGER PRIMARY KEY"), std::string::npos) << steps;
  EXPECT_EQ(steps.find("SCAN rooms"), std::string::npos) << steps;
}

}  // namespace freshet::sqlite
