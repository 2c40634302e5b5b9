// A PostgreSQL server of the tests' own, and stores on it.
//
// In a temporary folder, on a Unix socket alone, by an unprivileged user. Ends with its owner, also
// if that is killed.
#pragma once

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "freshet/testing/store_caller.h"
#include "store-postgres/postgres_store.h"

namespace freshet::postgres {

using testing::Append;
using testing::Epoch;
using testing::epoch_of;
using testing::FakeHost;
using testing::StoreCaller;

inline constexpr uint8_t kA = 10, kB = 60;  // for epoch_of()

class TestServer {
 public:
  static bool installed();
  // The one that tests share which do it no harm. Started when first asked for.
  static TestServer& shared();

  TestServer();
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::string url() const { return "host=" + folder_.string() + " user=freshet dbname=postgres"; }
  std::string socket() const { return (folder_ / ".s.PGSQL.5432").string(); }

  void kill();   // as kill -9 of all of it
  void start();  // again; returns once it takes connections
  // The first column of the first row, as text.
  std::string ask(const std::string& sql) const;

 private:
  pid_t run(const std::vector<std::string>& command) const;

  std::filesystem::path folder_;
  pid_t pid_ = 0;
};

// Calls until it is answered otherwise than RETRY.
template <class F>
Status persist(F&& call) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  Status status = call();
  while (status == Status::retry && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    status = call();
  }
  return status;
}

// Holds the row of a room, as a long transaction of another node would, until it is destroyed.
class HeldRoom {
 public:
  HeldRoom(const std::string& schema, const std::string& room);
  ~HeldRoom() { PQfinish(pg_); }
  HeldRoom(const HeldRoom&) = delete;
  HeldRoom& operator=(const HeldRoom&) = delete;

 private:
  PGconn* pg_;
};

// A schema that no other test has.
std::string new_schema();

// A store as the plugin host makes it, with settings of the test's.
class TestStore {
 public:
  struct Setting {
    std::string url = TestServer::shared().url();
    std::string schema = "freshet";
    std::string cluster = "freshet";
    std::map<std::string, int64_t> numbers = {};
  };

  explicit TestStore(const Setting& setting);

  bool is_open() const { return store_ != nullptr; }
  Status status() const { return status_; }
  const FakeHost& host() const { return host_; }
  const freshet_store* table() const { return store_->table(); }
  StoreCaller caller(char writer = 't') const { return StoreCaller(table(), writer); }

 private:
  FakeHost host_;
  Status status_ = Status::ok;
  std::unique_ptr<PostgresStore> store_;
};

}  // namespace freshet::postgres
