// Many who write to the same rooms, and what is kept of what was.
#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "freshet/testing/cluster_caller.h"
#include "store-postgres/tests/test_server.h"

namespace freshet::postgres {

namespace {

std::string log_of(StoreCaller& store, const std::string& room) {
  std::string out;
  for (const auto& [seq, bytes] : store.load(room).updates) {
    out += std::to_string(seq) + ":" + bytes + " ";
  }
  return out;
}

// So that what is due later is due now.
void let_time_pass(const std::string& schema) {
  TestServer::shared().ask("UPDATE \"" + schema +
                           "\".leftovers SET due_at = due_at - interval '2 hours'");
}

int64_t count(const std::string& schema, const std::string& table) {
  return std::stoll(TestServer::shared().ask("SELECT count(*) FROM \"" + schema + "\"." + table));
}

// Waits for what a worker does when there is time.
template <class F>
bool eventually(StoreCaller& store, F holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    EXPECT_EQ(store.trouble(), "");
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return true;
}

}  // namespace

TEST(PostgresStore, OfWritersAtTheSameRoomsNothingIsLostAndNoSequenceIsTakenTwice) {
  const std::string schema = new_schema();
  const TestStore first({.schema = schema}), second({.schema = schema});
  ASSERT_TRUE(first.is_open() && second.is_open());
  constexpr int kWriters = 6, kBatches = 40;
  const std::vector<std::string> rooms = {"a", "b", "c", "d"};
  std::atomic<uint64_t> told = 0;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      StoreCaller store((w % 2 == 0 ? first : second).table());
      for (uint64_t n = 1; n <= kBatches; ++n) {
        std::vector<Append> batch;
        for (size_t r = 0; r < rooms.size(); ++r) {
          // Each in an order of its own: the store's is what keeps them from waiting in a ring.
          const std::string& room = rooms[(r + n + static_cast<size_t>(w)) % rooms.size()];
          batch.push_back({room, epoch_of(kA), 1, std::to_string(w) + "/" + std::to_string(n)});
        }
        const freshet_writer writer{{static_cast<uint8_t>('a' + w)}, 0};
        const auto answer = store.append_as(writer, n, batch);
        EXPECT_EQ(answer.status, Status::ok);
        told += answer.seqs.size();
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(told, kWriters * kBatches * rooms.size());
  StoreCaller store = first.caller();
  for (const std::string& room : rooms) {
    const auto loaded = store.load(room);
    EXPECT_EQ(loaded.status, Status::ok);
    ASSERT_EQ(loaded.updates.size(), size_t{kWriters * kBatches});
    std::set<std::string> all;
    for (size_t i = 0; i < loaded.updates.size(); ++i) {
      EXPECT_EQ(loaded.updates[i].first, i + 1);
      all.insert(loaded.updates[i].second);
    }
    EXPECT_EQ(all.size(), loaded.updates.size()) << "one of them is there twice";
  }
  EXPECT_FALSE(first.host().logged("cannot") || second.host().logged("cannot"));
}

TEST(PostgresStore, OfManyWhoSeedARoomAtOnceOneDoes) {
  const std::string schema = new_schema();
  const TestStore first({.schema = schema}), second({.schema = schema});
  for (int round = 0; round < 20; ++round) {
    const std::string room = "r" + std::to_string(round);
    std::atomic<int> seeds = 0;
    std::vector<std::thread> nodes;
    for (int n = 0; n < 4; ++n) {
      nodes.emplace_back([&, n] {
        StoreCaller store((n % 2 == 0 ? first : second).table());
        const Append seed{.room = room,
                          .epoch = epoch_of(static_cast<uint8_t>(n)),
                          .seq = 0,
                          .update = "seed",
                          .only_first = true};
        const freshet_writer writer{{static_cast<uint8_t>('a' + n)}, 0};
        const auto answer = store.append_as(writer, static_cast<uint64_t>(round) + 1, {seed});
        EXPECT_EQ(answer.status, Status::ok);
        if (answer.seqs == std::vector<uint64_t>{1}) ++seeds;
      });
    }
    for (std::thread& node : nodes) node.join();
    EXPECT_EQ(seeds, 1);
    StoreCaller store = first.caller();
    EXPECT_EQ(log_of(store, room), "1:seed ");
  }
}

TEST(PostgresStore, FoldedRowsStayForAMinuteAndGoThen) {
  const std::string schema = new_schema();
  const TestStore open({.schema = schema});
  StoreCaller store = open.caller();
  testing::ClusterCaller cluster(open.table());
  ASSERT_EQ(store.append({{"r", epoch_of(kA), 1, "x"}, {"r", epoch_of(kA), 2, "y"}}), Status::ok);
  ASSERT_EQ(store.replace("r", epoch_of(kA), 1, "S"), Status::ok);
  EXPECT_EQ(cluster.tail("r", epoch_of(kA), 0).updates.size(), 2u);
  let_time_pass(schema);
  EXPECT_TRUE(eventually(store, [&] { return count(schema, "log") == 1; }));
  const auto tail = cluster.tail("r", epoch_of(kA), 0);
  ASSERT_EQ(tail.snapshots.size(), 1u);
  EXPECT_EQ(tail.snapshots[0].second, "S");
  EXPECT_EQ(tail.updates.size(), 1u);
  EXPECT_EQ(log_of(store, "r"), "2:y ");
}

TEST(PostgresStore, NothingOfWhatWasErasedOrReplacedStaysForEver) {
  const std::string schema = new_schema();
  const TestStore open({.schema = schema});
  StoreCaller store = open.caller();
  std::vector<Append> batch;
  for (uint64_t seq = 1; seq <= 5000; ++seq) batch.push_back({"r", epoch_of(kA), seq, "x"});
  ASSERT_EQ(store.append(batch), Status::ok);
  ASSERT_EQ(store.replace("r", epoch_of(kA), 10, "S"), Status::ok);
  ASSERT_EQ(store.replace("r", epoch_of(kA), 20, "T"), Status::ok);
  ASSERT_EQ(store.put("r", epoch_of(kB), "U"), Status::ok);
  ASSERT_EQ(store.erase("r"), Status::ok);
  let_time_pass(schema);
  EXPECT_TRUE(eventually(store, [&] { return count(schema, "leftovers") == 0; }));
  EXPECT_EQ(count(schema, "log"), 0);
  EXPECT_EQ(count(schema, "snapshots"), 0);
}

TEST(PostgresStore, AnErasedRoomIsRememberedForADay) {
  const std::string schema = new_schema();
  const TestStore open({.schema = schema});
  StoreCaller store = open.caller();
  ASSERT_EQ(store.append({{"r", epoch_of(kA), 1, "x"}}), Status::ok);
  ASSERT_EQ(store.erase("r"), Status::ok);
  EXPECT_EQ(store.append({{"r", epoch_of(kB), 1, "x"}}), Status::conflict);
  TestServer::shared().ask("UPDATE \"" + schema +
                           "\".rooms SET erased_at = erased_at - interval '25 hours'");
  EXPECT_TRUE(eventually(store, [&] { return count(schema, "rooms") == 0; }));
  EXPECT_EQ(store.append({{"r", epoch_of(kB), 1, "x"}}), Status::ok);
}

TEST(PostgresStore, ARoomWithAGapIsRefusedAndNamed) {
  const std::string schema = new_schema();
  const TestStore open({.schema = schema});
  StoreCaller store = open.caller();
  ASSERT_EQ(store.append({{"r", epoch_of(kA), 1, "x"},
                          {"r", epoch_of(kA), 2, "y"},
                          {"r", epoch_of(kA), 3, "z"},
                          {"s", epoch_of(kA), 1, "x"}}),
            Status::ok);
  TestServer::shared().ask("DELETE FROM \"" + schema + "\".log WHERE seq = 2");
  EXPECT_EQ(store.load("r").status, Status::corrupt);
  EXPECT_TRUE(open.host().logged("room \"r\" is damaged: update 2 is gone")) << open.host().log();
  EXPECT_EQ(store.load("s").status, Status::ok);
  EXPECT_EQ(store.trouble(), "");
  ASSERT_EQ(store.put("s", epoch_of(kB), "S"), Status::ok);
  TestServer::shared().ask("DELETE FROM \"" + schema + "\".snapshots");
  EXPECT_EQ(store.load("s").status, Status::corrupt);
  EXPECT_TRUE(open.host().logged("room \"s\" is damaged: its snapshot is gone"));
}

TEST(PostgresStore, AnOutboxHasItsBounds) {
  const TestStore open({.schema = new_schema(),
                        .numbers = {{"outbox_max_entries", 4}, {"outbox_key_max_entries", 2}}});
  StoreCaller store = open.caller();
  EXPECT_EQ(store.outbox_add("t", {{"a", "1"}, {"a", "2"}}).status, Status::ok);
  EXPECT_EQ(store.outbox_add("t", {{"a", "3"}}).status, Status::too_large);
  EXPECT_EQ(store.outbox_add("t", {{"b", "1"}, {"c", "1"}}).status, Status::ok);
  EXPECT_EQ(store.outbox_add("t", {{"d", "1"}}).status, Status::limit);
  EXPECT_EQ(store.outbox_add("other", {{"d", "1"}}).status, Status::ok);
  for (int rounds = 0; rounds < 2; ++rounds) {
    for (const auto& entry : store.outbox_list("t", false).entries) {
      ASSERT_EQ(store.outbox_bury("t", entry.id, "r"), Status::ok);
    }
    if (rounds > 0) break;
    ASSERT_EQ(store.outbox_add("t", {{"e", "1"}}).status, Status::ok);
  }
  const auto dead = store.outbox_list("t", true).entries;
  ASSERT_EQ(dead.size(), 4u);
  EXPECT_EQ(dead.back().key, "e");
  EXPECT_TRUE(open.host().logged("has too many dead letters: the oldest 1 are gone"));
}

}  // namespace freshet::postgres
