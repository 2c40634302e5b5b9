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
using testing::FakeHost;
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

class TestBus {
 public:
  struct Setting {
    std::string url = TestRedis::shared().url();
    std::string cluster = "freshet";
    int64_t connect_timeout_ms = 5'000;
  };

  explicit TestBus(const Setting& setting);
  TestBus(const TestBus&) = delete;
  TestBus& operator=(const TestBus&) = delete;

  BusCaller* operator->() { return &*caller_; }
  BusCaller& operator*() { return *caller_; }
  const FakeHost& host() const { return host_; }
  int64_t metric(const std::string& name) const { return host_.metric("freshet_bus_" + name); }
  // As the end of a server.
  void end() { plugin_.reset(); }

 private:
  FakeHost host_;
  std::optional<BusCaller> caller_;
  std::optional<Bound<Bus>> bound_;
  std::unique_ptr<RedisBus> plugin_;  // the last: destroyed before who hears of it
};

// Waits for a fact, within the patience of a test.
template <class Fact>
bool comes_true(Fact&& fact) {
  const auto deadline = std::chrono::steady_clock::now() + BusCaller::kPatience;
  while (!fact()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// Publishes until it is heard: what went before a connection was back is lost.
bool flows(BusCaller& from, BusCaller& to, const std::string& topic);

}  // namespace freshet::redis
