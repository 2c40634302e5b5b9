// Servers that go and come back, connections that are cut or go silent, slow hearers.
#include <gtest/gtest.h>

#include <latch>

#include "bus-redis/tests/stalling_proxy.h"
#include "bus-redis/tests/test_redis.h"

namespace freshet::redis {

namespace {

// Two nodes, the first of which hears of "r".
class RedisBusFault : public ::testing::Test {
 protected:
  void begin(const std::string& ann_url, const std::string& bob_url) {
    ann_.emplace(TestBus::Setting{.url = ann_url});
    bob_.emplace(TestBus::Setting{.url = bob_url});
    for (auto* node : {&ann_, &bob_}) ASSERT_EQ((**node)->start(), Status::ok);
    ASSERT_EQ((*ann_)->subscribe("r"), Status::ok);
  }
  TestBus& ann() { return *ann_; }
  TestBus& bob() { return *bob_; }

 private:
  std::optional<TestBus> ann_, bob_;
};

size_t times_told(const TestBus& bus, std::string_view words) {
  const std::string log = bus.host().log();
  size_t count = 0;
  for (size_t at = log.find(words); at != std::string::npos; at = log.find(words, at + 1)) ++count;
  return count;
}

}  // namespace

TEST_F(RedisBusFault, AKilledServerIsMissedAndMessagesFlowAgain) {
  TestRedis server;
  begin(server.url(), server.url());
  for (int i = 0; i < 2000; ++i) {
    ASSERT_EQ(ann()->subscribe("topic " + std::to_string(i)), Status::ok);
  }
  for (size_t round = 1; round <= 3; ++round) {
    ASSERT_TRUE(flows(*bob(), *ann(), "r"));
    server.kill();
    ASSERT_TRUE(comes_true([&] { return bob()->publish("r", "x") == Status::retry; }));
    ASSERT_TRUE(comes_true([&] { return ann()->subscribe("s") == Status::retry; }));
    ann()->unsubscribe("topic 7");
    EXPECT_EQ(ann().metric("connected"), 0);
    EXPECT_EQ(ann()->times_missed(), round - 1);
    server.start();
    EXPECT_TRUE(ann()->wait_missed(round)) << ann().host().log();
    for (const char* topic : {"r", "s", "topic 0", "topic 1999"}) {
      EXPECT_TRUE(flows(*bob(), *ann(), topic)) << topic;
    }
    ann()->unsubscribe("s");
    ASSERT_TRUE(comes_true([&] { return ann().metric("connected") == 1; }));
    EXPECT_EQ(ann()->times_missed(), round);
    EXPECT_EQ(times_told(ann(), "Redis answers again"), round) << ann().host().log();
    EXPECT_EQ(server.ask({"PUBLISH", "freshet:freshet:topic 7", "x"}), "0");
  }
  EXPECT_GE(bob().metric("dropped_total"), 1);
}

TEST_F(RedisBusFault, AServerThatComesLaterIsFound) {
  TestRedis server;
  server.kill();
  TestBus early({.url = server.url()}), other({.url = server.url()});
  ASSERT_EQ(early->start(), Status::ok);
  ASSERT_EQ(other->start(), Status::ok);
  EXPECT_EQ(early->subscribe("r"), Status::retry);
  server.start();
  EXPECT_TRUE(early->wait_missed(1));
  EXPECT_TRUE(flows(*other, *early, "r"));
}

// At any byte, of either connection.
TEST_F(RedisBusFault, AConnectionThatIsCutAnywhereIsOpenedAgainAndNothingComesTwice) {
  StallingProxy proxy(TestRedis::shared().socket());
  begin(proxy.url(), proxy.url());
  int sent = 0;
  for (int64_t after = 0; after < 3000; after = after * 9 / 8 + 1) {
    ASSERT_TRUE(flows(*bob(), *ann(), "r")) << after;
    proxy.cut_after(after);
    for (int n = 0; n < 10; ++n) {
      static_cast<void>(bob()->publish("r", "message " + std::to_string(++sent)));
    }
    testing::Answer answer;
    ann()->subscribe("s", answer);
    const Status status = answer.wait();
    EXPECT_TRUE(status == Status::ok || status == Status::retry);
    EXPECT_EQ(answer.times_done(), 1);
    ann()->unsubscribe("s");
  }
  ASSERT_TRUE(flows(*bob(), *ann(), "r"));
  int last = 0;
  for (const std::string& text : ann()->heard("r")) {
    if (!text.starts_with("message ")) continue;
    const int number = std::stoi(text.substr(8));
    EXPECT_GT(number, last) << "twice, or out of order";
    last = number;
  }
}

// As behind a firewall that forgot them: nobody says that they have ended.
TEST_F(RedisBusFault, AConnectionThatGoesSilentIsNoticed) {
  StallingProxy proxy(TestRedis::shared().socket());
  begin(proxy.url(), proxy.url());
  ASSERT_TRUE(flows(*bob(), *ann(), "r"));
  const auto begun = std::chrono::steady_clock::now();
  proxy.stall(true);
  ASSERT_EQ(bob()->publish("r", "into the void"), Status::ok);
  EXPECT_TRUE(comes_true([&] { return bob()->publish("r", "x") == Status::retry; }));
  EXPECT_TRUE(comes_true([&] { return ann()->subscribe("s") == Status::retry; }));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(15));
  proxy.stall(false);
  EXPECT_TRUE(ann()->wait_missed(1));
  EXPECT_TRUE(flows(*bob(), *ann(), "s"));
}

TEST_F(RedisBusFault, WhoeverHearsSlowlyHearsAllAndNobodyWaitsForIt) {
  const std::string url = TestRedis::shared().url();
  TestBus slow({.url = url});
  std::latch go_on(1);
  slow->on_hear([&](const std::string&, const std::string& message) {
    if (message == "0") go_on.wait();
  });
  ASSERT_EQ(slow->start(), Status::ok);
  ASSERT_EQ(slow->subscribe("r"), Status::ok);
  begin(url, url);
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

// A server lets go of those who take too long; they miss what it had for them, and are told so.
TEST_F(RedisBusFault, WhoeverTakesFarTooLongIsLetGoAndTold) {
  TestRedis server({"--client-output-buffer-limit", "pubsub 4mb 0 0"});
  TestBus slow({.url = server.url()});
  std::latch go_on(1);
  slow->on_hear([&](const std::string&, const std::string& message) {
    if (message == "stop") go_on.wait();
  });
  ASSERT_EQ(slow->start(), Status::ok);
  ASSERT_EQ(slow->subscribe("r"), Status::ok);
  begin(server.url(), server.url());
  ASSERT_EQ(bob()->send("r", "stop"), Status::ok);
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(bob()->send("r", std::string(500'000, 'x')), Status::ok);
    ASSERT_TRUE(flows(*bob(), *ann(), "r"));
  }
  go_on.count_down();
  EXPECT_TRUE(slow->wait_missed(1));
  EXPECT_TRUE(flows(*bob(), *slow, "r"));
}

TEST_F(RedisBusFault, WhatWasPublishedBeforeTheEndIsSent) {
  begin(TestRedis::shared().url(), TestRedis::shared().url());
  for (int i = 0; i < 100; ++i) ASSERT_EQ(bob()->publish("r", std::to_string(i)), Status::ok);
  bob().end();
  EXPECT_EQ(ann()->wait_heard("r", 100).size(), 100u);
}

}  // namespace freshet::redis
