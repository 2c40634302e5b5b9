// Servers that go and come back, connections that are cut, tables that are emptied, slow hearers.
#include <gtest/gtest.h>

#include <atomic>
#include <latch>

#include "store-postgres/bus/packet.h"
#include "store-postgres/bus/tests/test_bus.h"
#include "store-postgres/tests/cutting_proxy.h"

namespace freshet::postgres {

namespace {

const std::string kLarge(200'000, 'x');

size_t times_told(const TestBus& bus, std::string_view words) {
  const std::string log = bus.host().log();
  size_t count = 0;
  for (size_t at = log.find(words); at != std::string::npos; at = log.find(words, at + 1)) ++count;
  return count;
}

// Two nodes, the first of which hears of "r"; and the store's schema for them.
class PostgresBusFault : public ::testing::Test {
 protected:
  void SetUp() override { TestServer::shared().ask("CREATE SCHEMA \"" + schema_ + "\""); }

  void begin(const TestBus::Setting& ann, const TestBus::Setting& bob) {
    for (const auto& [node, setting] : {std::pair{&ann_, &ann}, std::pair{&bob_, &bob}}) {
      node->emplace(*setting);
      ASSERT_EQ((**node)->start(), Status::ok) << (*node)->host().log();
    }
    ASSERT_EQ((*ann_)->subscribe("r"), Status::ok);
  }
  TestBus& ann() { return *ann_; }
  TestBus& bob() { return *bob_; }
  TestBus::Setting plain() const { return {.schema = schema_}; }
  std::string table() const { return "\"" + schema_ + "\".bus_messages"; }

 private:
  const std::string schema_ = "bus " + new_schema();
  std::optional<TestBus> ann_, bob_;
};

// Every connection to the shared server, but who asks.
void cut_all() {
  TestServer::shared().ask(
      "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity "
      "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
}

std::string channel_of_last_listener() {
  return TestServer::shared().ask(
      "SELECT substring(query from '\"(.*)\"') FROM pg_stat_activity WHERE query LIKE 'LISTEN%' "
      "ORDER BY backend_start DESC LIMIT 1");
}

}  // namespace

TEST_F(PostgresBusFault, AKilledServerIsMissedAndMessagesFlowAgain) {
  TestServer server;
  begin({.url = server.url()}, {.url = server.url()});
  for (size_t round = 1; round <= 3; ++round) {
    ASSERT_TRUE(flows(*bob(), *ann(), "r"));
    server.kill();
    ASSERT_TRUE(comes_true([&] { return bob()->publish("r", "x") == Status::retry; }));
    ASSERT_TRUE(comes_true([&] { return ann()->subscribe("s") == Status::retry; }));
    EXPECT_EQ(ann().metric("connected"), 0);
    EXPECT_EQ(ann()->times_missed(), round - 1);
    server.start();
    EXPECT_TRUE(ann()->wait_missed(round)) << ann().host().log();
    EXPECT_TRUE(flows(*bob(), *ann(), "r"));
    EXPECT_TRUE(flows(*bob(), *ann(), "s")) << "what was subscribed meanwhile";
    ann()->unsubscribe("s");
    EXPECT_EQ(ann()->times_missed(), round);
    ASSERT_TRUE(comes_true([&] { return ann().metric("connected") == 1; }));
    EXPECT_EQ(times_told(ann(), "the database answers again"), round) << ann().host().log();
  }
  EXPECT_GE(ann().metric("reconnects_total"), 3);
  EXPECT_GE(bob().metric("dropped_total"), 1);
}

TEST_F(PostgresBusFault, AServerThatComesLaterIsFound) {
  TestServer server;
  server.kill();
  TestBus early({.url = server.url()}), other({.url = server.url()});
  ASSERT_EQ(early->start(), Status::ok);
  ASSERT_EQ(other->start(), Status::ok);
  EXPECT_EQ(early->subscribe("r"), Status::retry);
  server.start();
  EXPECT_TRUE(early->wait_missed(1));
  EXPECT_TRUE(flows(*other, *early, "r"));
}

TEST_F(PostgresBusFault, ConnectionsThatAreEndedAreOpenedAgain) {
  begin(plain(), plain());
  for (size_t round = 1; round <= 5; ++round) {
    cut_all();
    EXPECT_TRUE(ann()->wait_missed(round));
    EXPECT_TRUE(flows(*bob(), *ann(), "r"));
  }
}

// At any message of the protocol, of either connection.
TEST_F(PostgresBusFault, AConnectionThatIsCutAnywhereIsOpenedAgainAndNothingComesTwice) {
  CuttingProxy proxy(TestServer::shared().socket());
  TestBus::Setting by_proxy = plain();
  by_proxy.url = proxy.url();
  begin(by_proxy, by_proxy);
  int sent = 0;
  for (int after = 0; after < 60; ++after) {
    ASSERT_TRUE(flows(*bob(), *ann(), "r")) << after;
    proxy.cut_after(after);
    for (int n = 0; n < 10; ++n) {
      const std::string text = "message " + std::to_string(++sent);
      static_cast<void>(bob()->publish("r", n == 5 ? text + kLarge : text));
      std::this_thread::yield();
    }
  }
  static_cast<void>(proxy.was_cut());
  ASSERT_TRUE(flows(*bob(), *ann(), "r"));
  int last = 0;
  for (const std::string& text : ann()->heard("r")) {
    if (!text.starts_with("message ")) continue;
    const int number = std::stoi(text.substr(8));
    EXPECT_GT(number, last) << "twice, or out of order";
    last = number;
  }
}

TEST_F(PostgresBusFault, OfAnEmptiedTableTheMessageIsLostAndCounted) {
  begin(plain(), plain());
  ASSERT_EQ(bob()->publish("r", kLarge), Status::ok);
  ASSERT_EQ(ann()->wait_heard("r", 1), Messages{kLarge});
  // Each row is gone when whoever hears of it asks for it, as after a crash.
  TestServer::shared().ask("CREATE RULE gone AS ON INSERT TO " + table() + " DO INSTEAD NOTHING");
  ASSERT_EQ(bob()->publish("r", kLarge), Status::ok);
  ASSERT_EQ(bob()->publish("r", "small"), Status::ok);
  EXPECT_EQ(ann()->wait_heard("r", 2), (Messages{kLarge, "small"}));
  EXPECT_EQ(ann().metric("lost_total"), 1);
  TestServer::shared().ask("DROP RULE gone ON " + table());
  ASSERT_EQ(bob()->publish("r", kLarge), Status::ok);
  EXPECT_EQ(ann()->wait_heard("r", 3).size(), 3u);
  EXPECT_EQ(ann()->times_missed(), 0u);
}

TEST_F(PostgresBusFault, ATableThatIsGoneIsMadeAgain) {
  begin(plain(), plain());
  ASSERT_EQ(bob()->publish("r", kLarge), Status::ok);
  ASSERT_EQ(ann()->wait_heard("r", 1).size(), 1u);
  TestServer::shared().ask("DROP TABLE " + table());
  ASSERT_EQ(bob()->publish("r", kLarge), Status::ok);
  ASSERT_EQ(bob()->send("r", "small"), Status::ok);
  EXPECT_TRUE(ann()->wait_heard("r", 2).back() == "small");
  EXPECT_TRUE(comes_true([&] {
    static_cast<void>(bob()->publish("r", kLarge));
    return ann()->heard("r").back() == kLarge;
  }));
  EXPECT_EQ(ann()->times_missed(), 0u);
}

TEST_F(PostgresBusFault, OldRowsAreDeleted) {
  begin(plain(), plain());
  ASSERT_EQ(bob()->subscribe("r"), Status::ok);
  ASSERT_EQ(ann()->publish("r", kLarge), Status::ok);
  ASSERT_EQ(bob()->wait_heard("r", 1).size(), 1u);
  TestServer::shared().ask("INSERT INTO " + table() +
                           " SELECT 'old', n, 'x', now() - interval '61 s' "
                           "FROM generate_series(1, 500) n");
  // Whoever sends the first of its own looks for those of others.
  ASSERT_EQ(bob()->publish("r", kLarge), Status::ok);
  EXPECT_TRUE(comes_true([&] {
    static_cast<void>(bob()->publish("r", "go on"));
    return TestServer::shared().ask("SELECT count(*) FROM " + table()) == "2";
  }));
}

TEST_F(PostgresBusFault, WhoeverHearsSlowlyHearsAllAndNobodyWaitsForIt) {
  TestBus slow(plain());
  std::latch go_on(1);
  slow->on_hear([&](const std::string&, const std::string& message) {
    if (message == "0") go_on.wait();
  });
  ASSERT_EQ(slow->start(), Status::ok);
  ASSERT_EQ(slow->subscribe("r"), Status::ok);
  begin(plain(), plain());
  Messages expected;
  for (int i = 0; i < 5000; ++i) {
    expected.push_back(std::to_string(i));
    ASSERT_EQ(bob()->send("r", expected.back()), Status::ok);
  }
  EXPECT_EQ(ann()->wait_heard("r", expected.size()), expected);
  EXPECT_EQ(slow->heard("r"), Messages{});
  go_on.count_down();
  EXPECT_EQ(slow->wait_heard("r", expected.size()), expected);
  EXPECT_EQ(slow->times_missed(), 0u);
}

TEST_F(PostgresBusFault, ManyMessagesShareATransaction) {
  begin(plain(), plain());
  const int64_t before = bob().metric("notify_transactions_total");
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(bob()->send("r", "x"), Status::ok);
  ASSERT_EQ(ann()->wait_heard("r", 2000).size(), 2000u);
  EXPECT_TRUE(comes_true([&] { return bob().metric("sent_total") == 2000; }));
  EXPECT_EQ(ann().metric("heard_total"), 2000);
  EXPECT_LT(bob().metric("notify_transactions_total") - before, 1000);
}

TEST_F(PostgresBusFault, WhatOthersSayOnTheChannelIsCountedAndPassedOver) {
  begin(plain(), plain());
  const std::string channel = channel_of_last_listener();
  for (const char* payload : {"", "hello", "AQEBAQEBAQEBAf8", "AgEBAQEBAQEBAQ"}) {
    TestServer::shared().ask("SELECT pg_notify('" + channel + "', '" + payload + "')");
  }
  EXPECT_TRUE(flows(*bob(), *ann(), "r"));
  EXPECT_EQ(ann().metric("lost_total"), 4);
  EXPECT_EQ(ann()->times_missed(), 0u);
}

// As where a connection is cut, and the server gets to what it had sent only then.
TEST_F(PostgresBusFault, WhatALaterConnectionHasOvertakenIsNotHeard) {
  begin(plain(), plain());
  Packets late({'l', 'a', 't', 'e'});
  std::vector<std::string> payloads;
  for (const char* text : {"one", "two", "three"}) {
    late.add("r", as_bytes(text));
    payloads.push_back(late.take().at(0));
  }
  const std::string channel = channel_of_last_listener();
  for (const unsigned each : {0U, 2U, 1U}) {
    TestServer::shared().ask("SELECT pg_notify('" + channel + "', '" + payloads[each] + "')");
  }
  EXPECT_TRUE(flows(*bob(), *ann(), "r"));
  Messages heard = ann()->heard("r");
  heard.resize(2);
  EXPECT_EQ(heard, (Messages{"one", "three"}));
  EXPECT_EQ(ann().metric("lost_total"), 1);
}

TEST_F(PostgresBusFault, WhatWasPublishedBeforeTheEndIsSent) {
  begin(plain(), plain());
  for (int i = 0; i < 100; ++i) ASSERT_EQ(bob()->publish("r", std::to_string(i)), Status::ok);
  bob().end();
  EXPECT_EQ(ann()->wait_heard("r", 100).size(), 100u);
}

}  // namespace freshet::postgres
