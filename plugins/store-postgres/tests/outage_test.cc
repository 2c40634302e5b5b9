// A server that goes away, and comes back.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "freshet/testing/cluster_caller.h"
#include "store-postgres/tests/test_server.h"

namespace freshet::postgres {

namespace {

size_t times_logged(const TestStore& store, std::string_view words) {
  const std::string log = store.host().log();
  size_t count = 0;
  for (size_t at = log.find(words); at != std::string::npos; at = log.find(words, at + 1)) ++count;
  return count;
}

}  // namespace

TEST(PostgresOutage, AKilledServerIsTriedAgainUntilItIsBack) {
  TestServer server;
  const TestStore open({.url = server.url()});
  ASSERT_TRUE(open.is_open());
  StoreCaller store = open.caller();
  uint64_t seq = 0;
  for (int round = 0; round < 3; ++round) {
    for (int n = 0; n < 10; ++n) {
      ++seq;
      ASSERT_EQ(store.append({{"r", epoch_of(kA), seq, std::to_string(seq)}}), Status::ok);
    }
    server.kill();
    for (int n = 0; n < 5; ++n) EXPECT_EQ(store.load("r").status, Status::retry);
    EXPECT_NE(store.trouble(), "");
    EXPECT_EQ(open.host().metric("freshet_store_failing"), 1);
    server.start();
    ASSERT_EQ(persist([&] { return store.load("r").status; }), Status::ok);
    const auto loaded = store.load("r");
    ASSERT_EQ(loaded.updates.size(), seq) << "what was answered is not all there";
    EXPECT_EQ(store.trouble(), "");
    EXPECT_EQ(open.host().metric("freshet_store_failing"), 0);
  }
  EXPECT_EQ(times_logged(open, "the database answers again"), 3u) << open.host().log();
}

// Of one whose connection was closed while nobody needed it nobody hears.
TEST(PostgresOutage, AConnectionThatWasClosedMeanwhileIsNoFailure) {
  const TestStore open({.schema = new_schema()});
  ASSERT_TRUE(open.is_open());
  StoreCaller store = open.caller();
  for (uint64_t seq = 1; seq <= 20; ++seq) {
    ASSERT_EQ(store.append({{"r", epoch_of(kA), seq, "x"}}), Status::ok);
    TestServer::shared().ask(
        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
        "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
  }
  EXPECT_EQ(open.host().log().find("cannot"), std::string::npos) << open.host().log();
}

TEST(PostgresOutage, ABatchWhoseConnectionWasCutIsWrittenOnce) {
  const std::string schema = new_schema();
  const TestStore open({.schema = schema});
  StoreCaller store = open.caller();
  const freshet_writer writer{{'w'}, 0};
  std::atomic<bool> over = false;
  std::thread cutter([&] {
    while (!over) {
      TestServer::shared().ask(
          "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
          "WHERE state = 'active' AND pid <> pg_backend_pid() AND backend_type = 'client backend'");
    }
  });
  uint64_t retries = 0;
  for (uint64_t n = 1; n <= 200; ++n) {
    const std::vector<Append> batch = {{"r", epoch_of(kA), 1, std::to_string(n)}};
    testing::Appended answer;
    ASSERT_EQ(persist([&] {
                answer = store.append_as(writer, n, batch);
                if (answer.status == Status::retry) ++retries;
                return answer.status;
              }),
              Status::ok);
    EXPECT_EQ(answer.seqs, std::vector<uint64_t>{n});
  }
  over = true;
  cutter.join();
  testing::Loaded loaded;
  ASSERT_EQ(persist([&] { return (loaded = store.load("r")).status; }), Status::ok);
  ASSERT_EQ(loaded.updates.size(), 200u);
  for (uint64_t n = 1; n <= 200; ++n) EXPECT_EQ(loaded.updates[n - 1].second, std::to_string(n));
  RecordProperty("retries", std::to_string(retries));
}

TEST(PostgresOutage, AServerThatIsReadOnlyIsTrouble) {
  const TestStore open({.schema = new_schema()});
  ASSERT_TRUE(open.is_open());
  StoreCaller store = open.caller();
  ASSERT_EQ(store.append({{"r", epoch_of(kA), 1, "x"}}), Status::ok);
  // As a promotion elsewhere would: the connections that are there are cut, new ones are read-only.
  TestServer::shared().ask("ALTER ROLE freshet SET default_transaction_read_only = on");
  TestServer::shared().ask(
      "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
      "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
  EXPECT_EQ(store.append({{"r", epoch_of(kA), 2, "y"}}), Status::retry);
  EXPECT_NE(store.trouble(), "");
  TestServer::shared().ask(
      "BEGIN READ WRITE; ALTER ROLE freshet RESET default_transaction_read_only; COMMIT");
  EXPECT_EQ(persist([&] { return store.append({{"r", epoch_of(kA), 2, "y"}}); }), Status::ok);
  EXPECT_EQ(store.trouble(), "");
}

TEST(PostgresOutage, AStatementThatTakesTooLongIsOneCallsFailure) {
  const std::string schema = new_schema();
  const TestStore open({.schema = schema, .numbers = {{"statement_timeout_ms", 200}}});
  StoreCaller store = open.caller();
  ASSERT_EQ(store.append({{"r", epoch_of(kA), 1, "x"}, {"s", epoch_of(kA), 1, "x"}}), Status::ok);
  auto held = std::make_unique<HeldRoom>(schema, "r");
  EXPECT_EQ(store.append({{"r", epoch_of(kA), 2, "y"}}), Status::retry);
  EXPECT_TRUE(open.host().logged("the database took too long")) << open.host().log();
  EXPECT_EQ(store.trouble(), "");
  EXPECT_EQ(store.append({{"s", epoch_of(kA), 2, "y"}}), Status::ok);
  EXPECT_EQ(store.load("r").status, Status::ok);
  held.reset();
  EXPECT_EQ(store.append({{"r", epoch_of(kA), 2, "y"}}), Status::ok);
}

// A COMMIT that did not wait for its standby comes with a warning, and is no acknowledgement.
TEST(PostgresOutage, WhatTheStandbyDoesNotConfirmIsAcknowledgedOnceItDoes) {
  TestServer server;
  const TestStore open({.url = server.url()});
  StoreCaller store = open.caller();
  const freshet_writer writer{{'w'}, 0};
  ASSERT_EQ(store.append_as(writer, 1, {{"r", epoch_of(kA), 1, "x"}}).status, Status::ok);
  server.ask("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  server.ask("SELECT pg_reload_conf()");
  const std::vector<Append> batch = {{"r", epoch_of(kA), 0, "y"}};
  std::atomic<bool> over = false;
  std::thread impatient([&] {
    while (!over) {
      server.ask(
          "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity "
          "WHERE wait_event = 'SyncRep'");
    }
  });
  for (int times = 0; times < 3; ++times) {
    EXPECT_EQ(store.append_as(writer, 2, batch).status, Status::retry);
  }
  EXPECT_TRUE(open.host().logged("the standby does not confirm commits")) << open.host().log();
  EXPECT_EQ(store.trouble(), "the standby does not confirm commits");
  over = true;
  impatient.join();
  server.ask("ALTER SYSTEM RESET synchronous_standby_names");
  server.ask("SELECT pg_reload_conf()");
  testing::Appended answer;
  ASSERT_EQ(persist([&] { return (answer = store.append_as(writer, 2, batch)).status; }),
            Status::ok);
  EXPECT_EQ(answer.seqs, std::vector<uint64_t>{2});
  EXPECT_EQ(store.load("r").updates.size(), 2u);
  EXPECT_EQ(store.trouble(), "");
}

// Whoever was told nothing yet is told to come again.
TEST(PostgresOutage, AStoreThatIsClosedAnswersAllThatWaits) {
  const std::string schema = new_schema();
  auto open = std::make_unique<TestStore>(TestStore::Setting{.schema = schema});
  ASSERT_EQ(open->caller().append({{"r", epoch_of(kA), 1, "x"}}), Status::ok);
  const HeldRoom held(schema, "r");
  const std::string room = "r";
  testing::Answer erased, loaded;
  const freshet_store* table = open->table();
  table->erase(table->self, to_c(std::string_view(room)), erased.reply());
  table->load(table->self, to_c(std::string_view(room)), loaded.reply());
  open.reset();
  EXPECT_EQ(erased.wait(), Status::retry);
  EXPECT_EQ(loaded.wait(), Status::retry);
  EXPECT_EQ(erased.times_done() + loaded.times_done(), 2);
}

// As a restore of the database's own backup does it, while a server was forgotten.
TEST(PostgresOutage, ADatabaseThatWasPutBackIsRefused) {
  const std::string schema = new_schema();
  const std::string meta = "\"" + schema + "\".meta";
  const TestServer& server = TestServer::shared();
  const TestStore open({.schema = schema});
  ASSERT_TRUE(open.is_open());
  StoreCaller store = open.caller();
  testing::ClusterCaller node(open.table());
  ASSERT_EQ(node.node_beat('n', "a node"), Status::ok);
  server.ask("UPDATE " + meta + " SET history = 7");
  EXPECT_EQ(node.node_beat('n', "a node"), Status::retry);
  EXPECT_TRUE(open.host().logged("was given a new history while this server ran"));
  EXPECT_EQ(store.append({{"r", epoch_of(kA), 1, "x"}}), Status::retry);
  EXPECT_EQ(store.trouble(), "the database was put back to another time");
  server.ask("UPDATE " + meta + " SET history = -1");
  EXPECT_EQ(node.node_beat('n', "a node"), Status::retry);
  EXPECT_EQ(server.ask("SELECT count(*) FROM \"" + schema + "\".rooms"), "0");
  server.ask("UPDATE " + meta + " SET history = 0");
  EXPECT_EQ(persist([&] { return store.append({{"r", epoch_of(kA), 1, "x"}}); }), Status::ok)
      << "it is the one that it knows after all";
}

TEST(PostgresOutage, ARunningServerIsToldWhatElseTheSchemaHasBecome) {
  TestServer server;
  const TestStore open({.url = server.url()});
  ASSERT_TRUE(open.is_open());
  StoreCaller store = open.caller();
  const auto refused = [&](const std::string& change, std::string_view words) {
    server.ask("UPDATE freshet.meta SET " + change);
    server.kill();
    server.start();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!open.host().logged(words) && std::chrono::steady_clock::now() < deadline) {
      EXPECT_EQ(store.load("r").status, Status::retry);
    }
    EXPECT_TRUE(open.host().logged(words)) << open.host().log();
  };
  refused("version = 9, oldest = 8", "is of version 9 now, and this Freshet knows 4");
  refused("oldest = 2, cluster = 'south'", "belongs to the cluster \"south\" now");
}

TEST(PostgresOutage, ADatabaseOfBeforeIsRefusedWhenItIsReachedAgain) {
  TestServer server;
  const TestStore open({.url = server.url()});
  ASSERT_TRUE(open.is_open());
  StoreCaller store = open.caller();
  server.ask("UPDATE freshet.meta SET history = -1");
  server.kill();
  server.start();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!open.host().logged("run `freshet cluster new-history`")) {
    ASSERT_EQ(store.append({{"r", epoch_of(kA), 1, "x"}}), Status::retry);
    ASSERT_LT(std::chrono::steady_clock::now(), deadline) << open.host().log();
  }
  EXPECT_EQ(server.ask("SELECT count(*) FROM freshet.rooms"), "0");
}

}  // namespace freshet::postgres
