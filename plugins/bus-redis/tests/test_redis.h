// A Redis server of the tests' own, and nodes on it.
//
// In a temporary folder, on a Unix socket alone, by an unprivileged user. Ends with its owner, also
// if that is killed.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "bus-redis/redis_bus.h"
#include "freshet/testing/bus_caller.h"

namespace freshet::redis {

using testing::BusCaller;
using testing::comes_true;
using testing::FakeHost;
using testing::flows;
using Messages = BusCaller::Messages;

class TestRedis {
 public:
  static bool installed();
  // The one that tests share which do it no harm. Started when first asked for.
  static TestRedis& shared();

  // `more`: what else its command line says.
  explicit TestRedis(std::vector<std::string> more = {});
  ~TestRedis();
  TestRedis(const TestRedis&) = delete;
  TestRedis& operator=(const TestRedis&) = delete;

  std::string url() const { return "unix:" + socket(); }
  std::string socket() const { return (folder_ / "socket").string(); }

  void kill();   // as kill -9
  void start();  // again; returns once it takes connections
  // What it answers, as text.
  std::string ask(const std::vector<std::string>& command) const;

 private:
  std::filesystem::path folder_;
  std::vector<std::string> more_;
  pid_t pid_ = 0;
};

class TestBus : public testing::CalledBus<RedisBus> {
 public:
  struct Setting {
    std::string url = TestRedis::shared().url();
    std::string cluster = "freshet";
    int64_t connect_timeout_ms = 5'000;
  };

  explicit TestBus(const Setting& setting)
      : CalledBus([&](FakeHost& host) {
          host.set("url", setting.url);
          host.set("cluster", setting.cluster);
          host.set("connect_timeout_ms", setting.connect_timeout_ms);
        }) {}
};

}  // namespace freshet::redis
