// How long an edit waits for the disk, by how many share the wait; and how long a room takes to
// come back. On the disk that TMPDIR (or /tmp) is on: a memory file system measures everything but
// that.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "freshet/testing/store_caller.h"
#include "store-sqlite/sqlite_store.h"

namespace freshet::sqlite {

namespace {

using testing::Answer;
using testing::epoch_of;
using testing::FakeHost;

constexpr size_t kKeystrokeBytes = 30;

class BenchStore {
 public:
  BenchStore() {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "freshet-bench-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    auto opened =
        SqliteStore::create(fake_.host(), {.path = (directory_ / "bench.db").string(), .vfs = {}});
    if (!opened) std::abort();
    store_ = *std::move(opened);
  }
  ~BenchStore() {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }
  BenchStore(const BenchStore&) = delete;
  BenchStore& operator=(const BenchStore&) = delete;

  // One update for each of the next `count` rooms, in turn.
  Status append(size_t count, size_t rooms, size_t bytes = kKeystrokeBytes) {
    update_.resize(bytes, 'u');
    while (names_.size() < rooms) names_.push_back("room " + std::to_string(names_.size()));
    entries_.clear();
    for (; count > 0; --count, next_ = (next_ + 1) % rooms) {
      freshet_append& entry = entries_.emplace_back();
      entry.room = to_c(std::string_view(names_[next_]));
      entry.epoch = epoch_of(1);
      entry.flags = FRESHET_APPEND_NEW;
      entry.update = to_c(Bytes(update_));
    }
    Answer answer;
    const freshet_batch batch{sizeof(batch), {}, ++number_, entries_.data(), entries_.size()};
    return store_->append(batch, Reply(answer.reply()));
  }

  SqliteStore& operator*() { return *store_; }

 private:
  FakeHost fake_;
  std::filesystem::path directory_;
  std::unique_ptr<SqliteStore> store_;
  std::vector<std::string> names_;
  uint64_t number_ = 0;
  std::vector<freshet_append> entries_;
  std::vector<uint8_t> update_;
  size_t next_ = 0;
};

void append_batches(benchmark::State& state) {
  BenchStore store;
  const auto count = static_cast<size_t>(state.range(0)),
             rooms = static_cast<size_t>(state.range(1));
  for (auto _ : state) {
    if (store.append(count, rooms) != Status::ok) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// What a commit takes of the store's thread once rooms have logs, so that a row of each is a page
// of its own: the column of processor time.
void commit_to_rooms_with_logs(benchmark::State& state) {
  BenchStore store;
  const auto count = static_cast<size_t>(state.range(0)),
             rooms = static_cast<size_t>(state.range(1)),
             bytes = static_cast<size_t>(state.range(2));
  constexpr size_t kLog = 200;
  for (size_t i = 0; i < kLog; ++i) {
    if (store.append(rooms, rooms) != Status::ok) std::abort();
  }
  for (auto _ : state) {
    if (store.append(count, rooms, bytes) != Status::ok) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

// Takes what it is given and keeps nothing, as a room does that applies each update at once.
freshet_reply discard() {
  static constexpr freshet_replies kReplies = {
      .size = sizeof(freshet_replies),
      .ctx = nullptr,
      .write = [](void*, uint64_t, const freshet_item* item) -> freshet_status {
        benchmark::DoNotOptimize(item->bytes.data);
        return FRESHET_OK;
      },
      .done = [](void*, uint64_t, freshet_status) {},
  };
  return {&kReplies, 0};
}

void load_log(benchmark::State& state) {
  BenchStore store;
  for (int64_t left = state.range(0); left > 0; left -= 1000) {
    if (store.append(1000, 1) != Status::ok) std::abort();
  }
  for (auto _ : state) {
    if ((*store).load("room 0", Reply(discard())) != Status::ok) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void load_snapshot(benchmark::State& state) {
  BenchStore store;
  const std::vector<uint8_t> snapshot(static_cast<size_t>(state.range(0)), 's');
  if ((*store).put("r", epoch_of(1), snapshot) != Status::ok) std::abort();
  for (auto _ : state) {
    if ((*store).load("r", Reply(discard())) != Status::ok) std::abort();
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK(append_batches)
    ->ArgNames({"batch", "rooms"})
    ->ArgsProduct({{1, 10, 100, 1000}, {1, 50}})
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();
BENCHMARK(commit_to_rooms_with_logs)
    ->ArgNames({"batch", "rooms", "bytes"})
    ->Args({1, 200, 30})
    ->Args({8, 200, 30})
    ->Args({200, 200, 30})
    ->Args({10, 1, 300})
    ->Args({10, 10, 100'000})
    ->Unit(benchmark::kMicrosecond)
    ->UseRealTime();
BENCHMARK(load_log)->Arg(1000)->Arg(100'000)->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK(load_snapshot)
    ->Arg(10 << 20)
    ->Arg(100 << 20)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace freshet::sqlite

BENCHMARK_MAIN();
