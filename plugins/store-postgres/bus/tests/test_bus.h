// Nodes on a bus of a PostgreSQL server, for the tests.
#pragma once

#include <memory>
#include <string>

#include "freshet/testing/bus_caller.h"
#include "store-postgres/bus/postgres_bus.h"
#include "store-postgres/tests/test_server.h"

namespace freshet::postgres {

using testing::BusCaller;
using Messages = BusCaller::Messages;

class TestBus {
 public:
  struct Setting {
    std::string url = TestServer::shared().url();
    std::string listen_url = "";
    std::string schema = "freshet";
    std::string cluster = "freshet";
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
  std::unique_ptr<PostgresBus> plugin_;  // the last: destroyed before who hears of it
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

}  // namespace freshet::postgres
