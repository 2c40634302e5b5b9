// What a start refuses, what it takes, and what it says.
#include <gtest/gtest.h>

#include "bus-redis/tests/test_redis.h"

namespace freshet::redis {

namespace {

void expect_refusal(const std::string& url, std::string_view words) {
  TestBus bus({.url = url});
  EXPECT_EQ(bus->start(), Status::denied);
  EXPECT_TRUE(bus.host().logged(words)) << bus.host().log();
  EXPECT_FALSE(bus.host().logged("s3cret")) << bus.host().log();
}

void expect_good(const std::string& url) {
  TestBus bus({.url = url});
  EXPECT_EQ(bus->start(), Status::ok);
  EXPECT_EQ(bus->subscribe("r"), Status::ok) << bus.host().log();
  EXPECT_TRUE(flows(*bus, *bus, "r"));
}

std::string with_login(const TestRedis& server, const std::string& login) {
  return "unix://" + login + "@" + server.socket();
}

}  // namespace

TEST(RedisBusStart, RefusesAWrongPasswordWithTheFix) {
  TestRedis server({"--requirepass", "s3cret"});
  expect_good(with_login(server, ":s3cret"));
  expect_good(with_login(server, "default:s3cret"));
  expect_refusal(server.url(), "it wants a password: name it in url");
  expect_refusal(with_login(server, ":s3cretly"), "user or password of url is wrong");
  expect_refusal(with_login(server, "ada:s3cret"), "user or password of url is wrong");
  expect_refusal(with_login(TestRedis::shared(), ":s3cret"), "user or password of url is wrong");
}

TEST(RedisBusStart, RefusesAUserWithoutRightsAndSaysWhichItNeeds) {
  TestRedis server;
  const std::string url = with_login(server, "ada:s3cret");
  const auto set = [&](std::vector<std::string> rights) {
    std::vector<std::string> command = {"ACL", "SETUSER", "ada", "reset", "on", ">s3cret"};
    command.insert(command.end(), rights.begin(), rights.end());
    ASSERT_EQ(server.ask(command), "OK");
  };
  const std::string fix = "+publish +subscribe +unsubscribe +ping &freshet:freshet:*";
  set({"+publish", "+subscribe", "+unsubscribe", "+ping", "&freshet:other:*"});
  expect_refusal(url, fix);
  set({"+subscribe", "+unsubscribe", "+ping", "&freshet:freshet:*"});
  expect_refusal(url, fix);
  set({"+publish", "+ping", "&freshet:freshet:*"});
  expect_refusal(url, fix);
  set({"+publish", "+subscribe", "+unsubscribe", "+ping", "&freshet:freshet:*"});
  expect_good(url);
}

TEST(RedisBusStart, GoesOnAtAReplicaButNotByIt) {
  TestRedis server;
  ASSERT_EQ(server.ask({"REPLICAOF", "127.0.0.1", "1"}), "OK");
  TestBus bus({.url = server.url()});
  ASSERT_EQ(bus->start(), Status::ok);
  EXPECT_TRUE(bus.host().logged("it is a replica: name the primary in url"));
  EXPECT_EQ(bus->publish("r", "x"), Status::retry);
  ASSERT_EQ(server.ask({"REPLICAOF", "NO", "ONE"}), "OK");
  ASSERT_TRUE(comes_true([&] { return bus.metric("connected") == 1; }));
  ASSERT_EQ(bus->subscribe("r"), Status::ok);
  EXPECT_TRUE(flows(*bus, *bus, "r"));
}

TEST(RedisBusStart, GoesOnWhereNobodyAnswers) {
  TestBus bus({.url = "redis://ada:s3cret@127.0.0.1:1"});
  ASSERT_EQ(bus->start(), Status::ok);
  EXPECT_TRUE(bus.host().logged("at 127.0.0.1:1, user ada: it cannot be reached"));
  EXPECT_FALSE(bus.host().logged("s3cret"));
  EXPECT_EQ(std::string(bus->traits().place), "redis 127.0.0.1:1, cluster freshet");
}

TEST(RedisBusStart, ClustersOfOneServerDoNotHearEachOther) {
  TestBus north({.cluster = "north"}), south({.cluster = "south"}), peer({.cluster = "north"});
  for (TestBus* each : {&north, &south, &peer}) ASSERT_EQ((*each)->start(), Status::ok);
  ASSERT_EQ(north->subscribe("r"), Status::ok);
  ASSERT_EQ(south->subscribe("r"), Status::ok);
  ASSERT_EQ(peer->publish("r", "to the north"), Status::ok);
  EXPECT_EQ(north->wait_heard("r", 1), Messages{"to the north"});
  EXPECT_TRUE(flows(*south, *south, "r"));
  EXPECT_EQ(south->heard("r").front().substr(0, 4), "mark");
}

}  // namespace freshet::redis
