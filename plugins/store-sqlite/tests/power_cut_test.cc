// Power cuts and kill -9: what was answered OK is there, what was not is there whole or not at all.
//
// That these tests can fail was seen by planting bugs in opening.cc, 150 seeds each: without
// synchronous = FULL see the figures at ADiskThatNeverSyncsLosesWhatWasAcknowledged, which keeps
// one such bug planted for good.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "power_disk.h"
#include "test_store.h"

namespace freshet::sqlite {

namespace {

uint64_t count_from_environment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

constexpr uint64_t kCutsPerSeed = 5;

// Small sizes, so that a short run has checkpoints, pages that leave the cache, and arrivals that
// move into the log.
Options options_on(const PowerDisk& disk, const std::string& path) {
  return {.path = path,
          .integrity = Integrity::full,
          .lock_wait_ms = 0,
          .cache_bytes = kMinCacheBytes,
          .checkpoint_bytes = kMinCheckpointBytes,
          .max_arrivals = 20,
          .vfs = disk.vfs_name()};
}

// One disk, a few lives: write until the power goes, look at what is left, go on from there.
// Answers what was lost, empty if nothing was.
std::string live_and_die(uint64_t seed, const TempDirectory& directory, bool honest) {
  std::mt19937_64 random(seed);
  const FakeHost host;
  PowerDisk disk;
  if (!honest) disk.ignore_syncs();
  const Options options = options_on(disk, directory / ("seed" + std::to_string(seed)));
  Model sure;
  for (uint64_t cut = 0; cut < kCutsPerSeed; ++cut) {
    // Either may be found after the cut: the call that it hit may have got through.
    Model maybe = sure;
    disk.cut_at(1 + random() % (random() % 2 == 0 ? 30 : 400));
    {
      TestStore store(options, host);
      while (store.is_open() && disk.has_power()) {
        if (random_act(*store, random, sure, maybe) == Status::ok) sure = maybe;
      }
    }
    disk.restore(random);
    TestStore store(options, host);
    if (!store.is_open()) return "it does not open: " + host.log();
    const std::optional<Model> found = read_all(*store);
    if (!found) return "it cannot be read: " + host.log();
    if (*found != sure && *found != maybe) {
      return "acknowledged:\n" + summary(sure) + "found:\n" + summary(*found);
    }
    sure = *found;
    // Sometimes the next life begins with a file that was closed in order, or half in order.
    if (random() % 3 == 0) disk.cut_at(1 + random() % 8);
  }
  return {};
}

}  // namespace

TEST(PowerCut, KeepsWhatWasAcknowledgedAndNothingByHalves) {
  const TempDirectory directory;
  const uint64_t seeds = count_from_environment("FRESHET_POWER_CUT_SEEDS", 150);
  for (uint64_t seed = 1; seed <= seeds; ++seed) {
    ASSERT_EQ(live_and_die(seed, directory, true), "") << "seed " << seed;
  }
}

TEST(PowerCut, IsNoticedWhenTheDiskOnlySaysThatItSyncs) {
  const TempDirectory directory;
  uint64_t lost = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    if (!live_and_die(seed, directory, false).empty()) ++lost;
  }
  EXPECT_GE(lost, 8u);
}

TEST(DiskFaults, AFailedCallChangesNothingAndTheNextOneWorks) {
  const TempDirectory directory;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    std::mt19937_64 random(seed);
    const FakeHost host;
    PowerDisk disk;
    const Options options = options_on(disk, directory / ("faults" + std::to_string(seed)));
    TestStore store(options, host);
    ASSERT_TRUE(store.is_open());
    Model sure, next;
    uint64_t failed = 0;
    for (int act = 0; act < 60; ++act) {
      if (act % 3 == 0) {
        disk.fail_at(1 + random() % 20, 1 + random() % 3,
                     random() % 2 == 0 ? SQLITE_IOERR : SQLITE_FULL);
      }
      const Status status = random_act(*store, random, sure, next);
      if (status == Status::ok) sure = next;
      ASSERT_TRUE(status == Status::ok || status == Status::retry)
          << "seed " << seed << ": " << name_of(status) << "\n"
          << host.log();
      failed += status == Status::retry ? 1 : 0;
      disk.fail_at(1, 0, SQLITE_OK);
      const auto found = read_all(*store);
      ASSERT_TRUE(found) << "seed " << seed << "\n" << host.log();
      ASSERT_TRUE(*found == sure) << "seed " << seed << " act " << act << "\n"
                                  << summary(sure) << "found:\n"
                                  << summary(*found);
    }
    EXPECT_GT(failed, 3u) << "seed " << seed;
  }
}

TEST(DiskFaults, AFullDiskIsToldOnceAndEndsWhenThereIsRoom) {
  const TempDirectory directory;
  const FakeHost host;
  PowerDisk disk;
  TestStore store(options_on(disk, directory / "full"), host);
  const Epoch epoch = epoch_of(1);
  ASSERT_EQ(store->append({{"r", epoch, 1, "kept"}}), Status::ok);
  disk.set_capacity(disk.used());
  const std::string big(100'000, 'x');
  for (int tries = 0; tries < 5; ++tries) {
    EXPECT_EQ(store->append({{"r", epoch, 2, big}, {"s", epoch, 1, big}}), Status::retry);
  }
  const std::string log = host.log();
  EXPECT_NE(log.find("cannot append: database or disk is full"), std::string::npos) << log;
  EXPECT_EQ(log.find("cannot append"), log.rfind("cannot append")) << log;
  EXPECT_EQ(host.metric("freshet_store_failing"), 1);
  EXPECT_EQ(host.metric("freshet_store_failures_total"), 5);
  EXPECT_EQ(store->load("r").updates.size(), 1u);
  EXPECT_EQ(store->load("s").status, Status::not_found);

  disk.set_capacity(UINT64_MAX);
  EXPECT_EQ(store->append({{"r", epoch, 2, big}, {"s", epoch, 1, big}}), Status::ok);
  EXPECT_TRUE(host.logged("writing works again"));
  EXPECT_EQ(host.metric("freshet_store_failing"), 0);
  EXPECT_EQ(store->load("r").updates.size(), 2u);
}

TEST(DiskFaults, AFailedCheckpointIsToldAndHarmsNoCommit) {
  const TempDirectory directory;
  const FakeHost host;
  PowerDisk disk;
  TestStore store(options_on(disk, directory / "checkpoint"), host);
  const Epoch epoch = epoch_of(1);
  const std::string update(10'000, 'x');
  // Every write to the file itself fails; the log takes what it is given.
  disk.fail_writes_to("checkpoint", SQLITE_IOERR_WRITE);
  for (uint64_t seq = 1; seq <= 30; ++seq) {
    ASSERT_EQ(store->append({{"r", epoch, seq, update}}), Status::ok) << host.log();
  }
  const std::string log = host.log(), line = "cannot fold the write-ahead log into the file: ";
  EXPECT_NE(log.find(line), std::string::npos) << log;
  EXPECT_EQ(log.find(line), log.rfind(line)) << log;
  EXPECT_GT(host.metric("freshet_store_wal_bytes"), 30 * 10'000);
  disk.fail_writes_to("checkpoint", SQLITE_OK);
  ASSERT_EQ(store->append({{"r", epoch, 31, update}}), Status::ok);
  EXPECT_TRUE(host.logged("folded into the file again")) << host.log();
  ASSERT_EQ(store->append({{"r", epoch, 32, update}}), Status::ok);
  EXPECT_LT(host.metric("freshet_store_wal_bytes"), kMinCheckpointBytes);
  EXPECT_EQ(store->load("r").updates.size(), 32u);
}

// ---- kill -9

namespace {

// Appends to four rooms until it is killed, and writes a byte to `acknowledged` after each batch.
[[noreturn]] void append_for_ever(const Options& options, int acknowledged) {
  const FakeHost host;
  TestStore store(options, host);
  if (!store.is_open()) ::_exit(1);
  uint64_t last[4] = {};
  for (int room = 0; room < 4; ++room) {
    last[room] = (*store).info("room " + std::to_string(room)).last_seq;
  }
  for (uint64_t batch = 0;; ++batch) {
    std::vector<Append> entries;
    for (int room = 0; room < 4; ++room) {
      const uint64_t seq = ++last[room];
      entries.push_back({"room " + std::to_string(room), epoch_of(1), seq,
                         std::to_string(seq) + std::string(batch % 300, '.')});
    }
    if (store->append(entries) != Status::ok) ::_exit(2);
    if (::write(acknowledged, "a", 1) != 1) ::_exit(3);
  }
}

// Runs a child until it has acknowledged `batches`, then kills it. How many it had acknowledged.
uint64_t kill_after(const Options& options, uint64_t batches) {
  int pipe_ends[2];
  EXPECT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(pipe_ends[0]);
    append_for_ever(options, pipe_ends[1]);
  }
  ::close(pipe_ends[1]);
  uint64_t seen = 0;
  char byte = 0;
  while (seen < batches && ::read(pipe_ends[0], &byte, 1) == 1) ++seen;
  ::kill(child, SIGKILL);
  while (::read(pipe_ends[0], &byte, 1) == 1) ++seen;
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << WEXITSTATUS(status);
  ::close(pipe_ends[0]);
  return seen;
}

}  // namespace

TEST(Kill9, LosesNothingAcknowledgedAndLetsGoOfTheFile) {
  const TempDirectory directory;
  const FakeHost host;
  std::mt19937_64 random(1);
  Options options{.path = directory / "killed.db",
                  .integrity = Integrity::full,
                  .checkpoint_bytes = kMinCheckpointBytes,
                  .max_arrivals = 50,
                  .vfs = {}};
  options.lock_wait_ms = 0;
  uint64_t acknowledged = 0;
  const uint64_t rounds = count_from_environment("FRESHET_KILLS", 20);
  for (uint64_t round = 0; round < rounds; ++round) {
    acknowledged += kill_after(options, 1 + random() % 60);
    TestStore store(options, host);
    ASSERT_TRUE(store.is_open()) << host.log();
    uint64_t last_seq = 0;
    for (int room = 0; room < 4; ++room) {
      const Loaded loaded = store->load("room " + std::to_string(room));
      ASSERT_EQ(loaded.status, Status::ok) << host.log();
      ASSERT_GE(loaded.updates.size(), acknowledged) << "round " << round;
      // A batch is there for all its rooms or for none.
      if (room == 0) last_seq = loaded.updates.size();
      ASSERT_EQ(loaded.updates.size(), last_seq) << "round " << round;
    }
    // The one batch that was under way may have got through.
    ASSERT_LE(last_seq, acknowledged + 1) << "round " << round;
    acknowledged = last_seq;
  }
}

}  // namespace freshet::sqlite
