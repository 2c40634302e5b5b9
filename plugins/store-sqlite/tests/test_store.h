// A store opened with options of its own, a directory that goes away, and a model of what a store
// should have.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "freshet/testing/store_caller.h"
#include "store-sqlite/sqlite_store.h"

namespace freshet::sqlite {

using testing::Append;
using testing::Epoch;
using testing::epoch_of;
using testing::FakeHost;
using testing::Loaded;
using testing::StoreCaller;

// Of a file, all of it; empty if there is none.
std::string contents(const std::string& path);
void write_file(const std::string& path, const std::string& bytes);

class TempDirectory {
 public:
  TempDirectory() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "freshet-sqlite-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TempDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// A store, called through its C table; not open if it could not be.
class TestStore {
 public:
  TestStore(const Options& options, const FakeHost& host) {
    auto opened = SqliteStore::create(host.host(), options);
    status_ = opened.status();
    if (!opened) return;
    store_ = *std::move(opened);
    bound_.emplace(*store_, host.host());
    caller_.emplace(bound_->table());
  }

  Status status() const { return status_; }
  bool is_open() const { return store_ != nullptr; }
  // As a server that ends in order.
  void close() {
    caller_.reset();
    bound_.reset();
    store_.reset();
  }
  StoreCaller& operator*() { return *caller_; }
  StoreCaller* operator->() { return &*caller_; }

 private:
  Status status_ = Status::ok;
  std::unique_ptr<SqliteStore> store_;
  std::optional<Bound<Store>> bound_;
  std::optional<StoreCaller> caller_;
};

struct ModelRoom {
  Epoch epoch{};
  std::optional<std::string> snapshot;
  uint64_t snapshot_seq = 0;
  std::vector<std::string> log;
  uint64_t last_seq() const { return snapshot_seq + log.size(); }
  friend bool operator==(const ModelRoom&, const ModelRoom&) = default;
};
using Model = std::map<std::string, ModelRoom>;

// Everything in a store, or nullopt if some of it cannot be read.
std::optional<Model> read_all(StoreCaller& store);

// Does one random thing to the store: mostly a batch over a few rooms, sometimes replace, put or
// erase. `next` becomes `now` with that done, whether or not the store did it.
Status random_act(StoreCaller& store, std::mt19937_64& random, const Model& now, Model& next);

// For a failure's message.
std::string summary(const Model& model);

}  // namespace freshet::sqlite
