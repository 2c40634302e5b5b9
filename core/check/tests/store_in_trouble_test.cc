// A store whose process is killed, whose disk is full, and whose callers are slow or want no more.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <optional>
#include <thread>

#include "core/check/limits.h"
#include "core/check/tests/opened.h"
#include "freshet/testing/store_caller.h"

namespace freshet::check {
namespace {

using testing::Append;
using testing::Epoch;
using testing::epoch_of;
using testing::Loaded;
using testing::StoreCaller;

const Epoch kHistory = epoch_of(10);

// What a row says, so that one which is cut short or another's is seen.
std::string row(uint64_t seq, size_t size = 40) {
  std::string out = "row " + std::to_string(seq) + ": ";
  while (out.size() < size) out += static_cast<char>('a' + (seq + out.size()) % 26);
  return out;
}

Append entry(uint64_t seq, size_t size = 40) { return {"r", kHistory, seq, row(seq, size)}; }

// All that was answered is there, in order and whole; what was not answered may be, too, but whole.
void expect_kept(StoreCaller store, uint64_t answered, size_t size = 40) {
  const Loaded loaded = store.load("r");
  if (answered == 0 && loaded.status == Status::not_found) return;
  ASSERT_EQ(loaded.status, Status::ok)
      << "load answered so after " << answered << " rows that were acknowledged";
  uint64_t next = loaded.snapshots.empty() ? 1 : loaded.snapshots.front().first + 1;
  for (const auto& [seq, bytes] : loaded.updates) {
    ASSERT_EQ(seq, next++) << "a row of the log is missing";
    ASSERT_EQ(bytes, row(seq, size)) << "row " << seq << " is not what was appended";
  }
  EXPECT_GE(next - 1, answered) << "rows that were acknowledged are gone";
}

class StoreInTrouble : public PluginTest {
 protected:
  void SetUp() override {}  // each opens it when and where it needs it

  static bool keeps() { return Trial::here().facts().keeps; }
  static bool has_files() { return keeps() && !Trial::here().facts().shared; }
  static Place where() { return Trial::here().place("kept"); }

  // Does work in another process, which ends without a word; what it wrote to `out`.
  template <class F>
  static void in_another_process(F&& work) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      work();
      ::_exit(0);
    }
    int ended = 0;
    ASSERT_EQ(::waitpid(child, &ended, 0), child);
    ASSERT_TRUE(WIFEXITED(ended)) << "it crashed";
  }
};

// Files grow no further in this process, as on a disk that is full.
class FullDisk {
 public:
  FullDisk() {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit full = before_;
    full.rlim_cur = kDiskBytes;
    ::setrlimit(RLIMIT_FSIZE, &full);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
};

constexpr size_t kLargeRow = 16'000;

// Appends until it is refused; how much was taken, and what the first refusal said.
std::pair<uint64_t, Status> fill(StoreCaller& store) {
  uint64_t seq = 0;
  Status status = Status::ok;
  while (status == Status::ok && seq * kLargeRow < 16 * kDiskBytes) {
    status = store.append({entry(seq + 1, kLargeRow)});
    if (status == Status::ok) ++seq;
  }
  return {seq, status};
}

TEST_F(StoreInTrouble, KeepsWhatItAnsweredWhenItsProcessIsKilled) {
  if (!keeps()) GTEST_SKIP() << "keeps nothing";
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    Instance plugin(Trial::here(), where());
    if (!plugin.ok()) ::_exit(1);
    StoreCaller store(plugin.service<freshet_store>());
    for (uint64_t seq = 1; store.append({entry(seq)}) == Status::ok; ++seq) {
      if (::write(ends[1], "+", 1) != 1) break;
    }
    ::_exit(2);
  }
  ::close(ends[1]);
  uint64_t answered = 0;
  char ack = 0;
  while (answered < kAppendsBeforeKill && ::read(ends[0], &ack, 1) == 1) ++answered;
  ::kill(child, SIGKILL);
  while (::read(ends[0], &ack, 1) == 1) ++answered;
  ::close(ends[0]);
  int ended = 0;
  ASSERT_EQ(::waitpid(child, &ended, 0), child);
  ASSERT_GE(answered, uint64_t{kAppendsBeforeKill}) << "the process did not append so many rows";
  Instance plugin(Trial::here(), where());
  ASSERT_TRUE(plugin.ok()) << plugin.why();
  expect_kept(StoreCaller(plugin.service<freshet_store>(), 'B'), answered);
}

TEST_F(StoreInTrouble, SaysThatTheDiskIsFullAndGoesOnWhenItIsNot) {
  if (!has_files()) GTEST_SKIP() << "has no files of its own";
  std::optional<Instance> plugin;
  plugin.emplace(Trial::here(), where());
  ASSERT_TRUE(plugin->ok()) << plugin->why();
  uint64_t answered = 0;
  Status refused = Status::ok;
  {
    StoreCaller store(plugin->service<freshet_store>());
    const FullDisk full;
    std::tie(answered, refused) = fill(store);
    EXPECT_TRUE(refused == Status::ok || refused == Status::retry || refused == Status::limit)
        << "append answered " << name_of(refused)
        << " when the disk was full; `retry` has the server try again";
    expect_kept(store, answered, kLargeRow);
    plugin.reset();  // what it still has to write meets the full disk, too
  }
  plugin.emplace(Trial::here(), where());
  ASSERT_TRUE(plugin->ok()) << plugin->why();
  StoreCaller store(plugin->service<freshet_store>(), 'C');
  expect_kept(store, answered, kLargeRow);
  if (refused == Status::ok) GTEST_SKIP() << "its files stay small: no disk is full";
  Status status = Status::retry;
  const auto deadline = std::chrono::steady_clock::now() + kSettleTime;
  while (status != Status::ok && std::chrono::steady_clock::now() < deadline) {
    status = store.append({entry(answered + 1, kLargeRow)});
    if (status != Status::ok) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ASSERT_EQ(status, Status::ok) << "there is room again, and it does not go on";
  expect_kept(store, answered + 1, kLargeRow);
  plugin.reset();
  plugin.emplace(Trial::here(), where());
  ASSERT_TRUE(plugin->ok()) << plugin->why();
  expect_kept(StoreCaller(plugin->service<freshet_store>(), 'B'), answered + 1, kLargeRow);
}

TEST_F(StoreInTrouble, OpensWhatWasHalfWrittenWhenItsProcessEnded) {
  if (!has_files()) GTEST_SKIP() << "has no files of its own";
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  in_another_process([&] {
    Instance plugin(Trial::here(), where());
    if (!plugin.ok()) ::_exit(0);
    StoreCaller store(plugin.service<freshet_store>());
    const FullDisk full;
    const uint64_t answered = fill(store).first;
    if (::write(ends[1], &answered, sizeof(answered)) < 0) ::_exit(0);
    ::_exit(0);  // nothing is destroyed: what lies half written stays so
  });
  uint64_t answered = 0;
  ASSERT_EQ(::read(ends[0], &answered, sizeof(answered)), ssize_t{sizeof(answered)})
      << "the store was not opened";
  Instance plugin(Trial::here(), where());
  ASSERT_TRUE(plugin.ok()) << plugin.why();
  expect_kept(StoreCaller(plugin.service<freshet_store>(), 'B'), answered, kLargeRow);
}

TEST_F(StoreInTrouble, IsCalledByAnotherThreadThanMadeIt) {
  Instance plugin(Trial::here(), where());
  ASSERT_TRUE(plugin.ok()) << plugin.why();
  const auto* table = plugin.service<freshet_store>();
  Status status = Status::internal;
  for (uint64_t seq = 1; seq <= 3; ++seq) {
    std::thread worker(
        [&] { status = StoreCaller(table, 'B').append_as({{'w'}, 0}, seq, {entry(seq)}).status; });
    worker.join();
    ASSERT_EQ(status, Status::ok);
  }
  expect_kept(StoreCaller(table), 3);
}

// A caller that has a bound, and is past it after the first item.
class Full {
 public:
  freshet_reply reply() { return {&replies_, 0}; }
  Status wait() { return answer_.wait(); }

 private:
  testing::Answer answer_;
  const freshet_replies replies_{
      sizeof(freshet_replies), this,
      [](void*, uint64_t, const freshet_item*) -> freshet_status { return FRESHET_TOO_LARGE; },
      [](void* ctx, uint64_t, freshet_status status) {
        const freshet_reply to = static_cast<Full*>(ctx)->answer_.reply();
        to.to->done(to.to->ctx, to.token, status);
      }};
};

TEST_F(StoreInTrouble, GivesUpWhatIsTooMuchForItsCaller) {
  Instance plugin(Trial::here(), where());
  ASSERT_TRUE(plugin.ok()) << plugin.why();
  const auto* table = plugin.service<freshet_store>();
  StoreCaller store(table);
  ASSERT_EQ(store.append({entry(1), entry(2)}), Status::ok);
  Full full;
  table->load(table->self, to_c(std::string_view("r")), full.reply());
  EXPECT_EQ(full.wait(), Status::too_large)
      << "load goes on, or says something else, after a write that was answered TOO_LARGE";
  expect_kept(store, 2);
}

TEST_F(StoreInTrouble, AnswersNobodyWhenItIsGone) {
  const auto answer = std::make_unique<testing::Answer>();
  {
    Instance plugin(Trial::here(), where());
    ASSERT_TRUE(plugin.ok()) << plugin.why();
    const auto* table = plugin.service<freshet_store>();
    table->load(table->self, to_c(std::string_view("r")), answer->reply());
  }
  std::this_thread::sleep_for(kLateAnswer);
  EXPECT_LE(answer->times_done(), 1);
}

}  // namespace
}  // namespace freshet::check
