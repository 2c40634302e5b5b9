// freshet/testing/store_contract.h: what every store promises, as GoogleTest cases.
//
// Include it in one source file of a test program (it defines tests) and name the stores to try:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, freshet::testing::StoreContract,
//       ::testing::Values(freshet::testing::store_of<MemoryStore>(
//           "memory", freshet::testing::Durability::none)));
//
// Each test has a directory of its own. A durable store is closed and opened there again, and must
// keep a second owner out unless it says `shared`; one that is not durable skips those tests.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "freshet/plugin.h"
#include "freshet/testing.h"
#include "freshet/testing/store_caller.h"

namespace freshet::testing {

// Whether a store that is opened again has what it had.
enum class Durability { none, reopens };

// A store that is open; closing it is destroying this.
class OpenStore {
 public:
  virtual ~OpenStore() = default;
  virtual const freshet_store* table() const = 0;
};

// How to open the store under test.
struct StoreFactory {
  std::string name;
  Durability durability = Durability::none;
  // Null when it cannot be opened. A second argument that is not empty is a backup to open.
  std::function<std::unique_ptr<OpenStore>(const std::filesystem::path& directory,
                                           const std::filesystem::path& backup)>
      open;
  // Whether it can be opened there now, by whoever asks; it is closed again. Null for a store that
  // many may have open.
  std::function<bool(const std::filesystem::path& directory)> opens;
};

inline std::ostream& operator<<(std::ostream& out, const StoreFactory& f) { return out << f.name; }

// A plugin class, created with a host and called through its C table, as the server would.
template <PluginClass P>
class OpenPluginStore final : public OpenStore {
 public:
  explicit OpenPluginStore(const std::function<void(FakeHost&)>& set_up)
      : host_(P::kAbout.settings) {
    if (set_up) set_up(host_);
    auto made = make_plugin<P>(host_.host());
    if (!made) return;
    plugin_ = *std::move(made);
    bound_.emplace(static_cast<Store&>(*plugin_), host_.host());
  }
  bool ok() const { return plugin_ != nullptr; }
  const freshet_store* table() const override { return bound_->table(); }
  const FakeHost& host() const { return host_; }

 private:
  FakeHost host_;
  std::unique_ptr<P> plugin_;
  std::optional<Bound<Store>> bound_;
};

// `path_setting` names the setting that takes a path, which becomes `file` in the test's directory;
// null for a store that has none.
template <PluginClass P>
StoreFactory store_of(std::string name, Durability durability, const char* path_setting = nullptr,
                      std::string file = "store") {
  const auto make = [=](const std::filesystem::path& directory,
                        const std::filesystem::path& backup) {
    return std::make_unique<OpenPluginStore<P>>([&](FakeHost& host) {
      if (path_setting == nullptr) return;
      host.set(path_setting, (backup.empty() ? directory / file : backup).string());
    });
  };
  const auto open = [=](const std::filesystem::path& directory,
                        const std::filesystem::path& backup) -> std::unique_ptr<OpenStore> {
    auto store = make(directory, backup);
    if (!store->ok()) {
      ADD_FAILURE() << "cannot create the store: " << store->host().log();
      return nullptr;
    }
    return store;
  };
  StoreFactory out{std::move(name), durability, open, nullptr};
  if (!P::kAbout.shared) {
    out.opens = [=](const std::filesystem::path& directory) { return make(directory, {})->ok(); };
  }
  return out;
}

class StoreContract : public ::testing::TestWithParam<StoreFactory> {
 protected:
  static constexpr uint8_t kA = 10, kB = 60;

  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "freshet-store-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    reopen();
  }
  void TearDown() override {
    open_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  StoreCaller& store() { return *caller_; }
  const freshet_store* table() const { return open_->table(); }
  const std::filesystem::path& directory() const { return directory_; }
  bool durable() const { return GetParam().durability == Durability::reopens; }

  void reopen(const std::filesystem::path& backup = {}) {
    caller_.reset();
    open_.reset();
    open_ = GetParam().open(directory_, backup);
    // The end of the test, whoever called: what went wrong was said by whoever opened it.
    if (open_ == nullptr) throw std::runtime_error("the store cannot be opened again");
    // As by another run of a server.
    caller_.emplace(open_->table(), static_cast<char>('A' + reopened_++));
  }

  // Appends `count` updates "1", "2", ... to a room, as one batch, from `seq` on.
  Status grow(const std::string& room, uint64_t seq, size_t count, uint8_t epoch = kA) {
    std::vector<Append> batch;
    for (; count > 0; --count, ++seq) {
      batch.push_back({room, epoch_of(epoch), seq, std::to_string(seq)});
    }
    const Status status = store().append(batch);
    EXPECT_EQ(store().fault(), "");
    return status;
  }

  // "@5:snapshot 6:x 7:y", or the status if it is not ok: short to compare, good to read.
  std::string content(std::string_view room) {
    const Loaded loaded = store().load(room);
    if (loaded.status != Status::ok) return std::string(name_of(loaded.status));
    EXPECT_TRUE(loaded.in_order);
    EXPECT_EQ(loaded.epochs.size(), 1u);
    EXPECT_LE(loaded.snapshots.size(), 1u);
    std::ostringstream out;
    const char* between = "";
    for (const auto& [seq, bytes] : loaded.snapshots) {
      out << std::exchange(between, " ") << '@' << seq << ':' << bytes;
    }
    for (const auto& [seq, bytes] : loaded.updates) {
      out << std::exchange(between, " ") << seq << ':' << bytes;
    }
    return out.str();
  }

  std::vector<std::string> names(std::string_view after, uint32_t limit) {
    std::vector<std::string> out;
    for (const auto& [name, bytes] : store().list(after, limit)) out.push_back(name);
    return out;
  }

 private:
  std::filesystem::path directory_;
  int reopened_ = 0;
  std::unique_ptr<OpenStore> open_;
  std::optional<StoreCaller> caller_;
};

// ---- reading what was never written

TEST_P(StoreContract, KnowsNothingOfARoomThatWasNeverStored) {
  EXPECT_EQ(store().load("r").status, Status::not_found);
  EXPECT_EQ(store().info("r").status, Status::not_found);
  EXPECT_EQ(store().erase("r"), Status::not_found);
  EXPECT_TRUE(names("", 10).empty());
}

// ---- append

TEST_P(StoreContract, LoadsWhatWasAppendedInItsOrder) {
  ASSERT_EQ(grow("r", 1, 3), Status::ok);
  ASSERT_EQ(grow("r", 4, 1), Status::ok);
  EXPECT_EQ(content("r"), "1:1 2:2 3:3 4:4");
  EXPECT_EQ(store().load("r").epochs.at(0), epoch_of(kA));
}

TEST_P(StoreContract, TakesAnEmptyBatchAsDone) {
  EXPECT_EQ(store().append({}), Status::ok);
  EXPECT_TRUE(names("", 10).empty());
}

TEST_P(StoreContract, KeepsAnEmptyUpdateAsAnUpdate) {
  ASSERT_EQ(store().append({{"r", epoch_of(kA), 1, ""}, {"r", epoch_of(kA), 2, "x"}}), Status::ok);
  EXPECT_EQ(content("r"), "1: 2:x");
}

TEST_P(StoreContract, KeepsEveryByteOfAnUpdate) {
  std::string all;
  for (int i = 0; i < 512; ++i) all += static_cast<char>(i & 0xff);
  ASSERT_EQ(store().append({{"r", epoch_of(kA), 1, all}}), Status::ok);
  EXPECT_EQ(store().load("r").updates.at(0).second, all);
}

TEST_P(StoreContract, MakesARoomOnlyForWhoSaysThatThereIsNone) {
  std::vector<std::string> offenders;
  EXPECT_EQ(store().append({{"r", epoch_of(kA), 0, "x"}}, &offenders), Status::conflict);
  EXPECT_EQ(offenders, std::vector<std::string>{"r"});
  EXPECT_EQ(content("r"), "not found");
  EXPECT_EQ(store().append({{"r", epoch_of(kA), 1, "x"}, {"r", epoch_of(kA), 2, "y"}}), Status::ok);
  EXPECT_EQ(content("r"), "1:x 2:y");
}

// Two who both found nothing: the second goes on with the history of the first, and hears its name.
TEST_P(StoreContract, NewGoesOnWithWhatIsThereMeanwhile) {
  ASSERT_EQ(grow("r", 1, 2), Status::ok);
  const Appended second =
      store().append_as({{'b'}, 1}, 1, {{"r", epoch_of(kB), 1, "x"}, {"s", epoch_of(kB), 1, "y"}});
  EXPECT_EQ(second.status, Status::ok);
  EXPECT_EQ(second.seqs, (std::vector<uint64_t>{3, 1}));
  EXPECT_EQ(second.epochs, std::vector<Epoch>{epoch_of(kA)});
  EXPECT_EQ(content("r"), "1:1 2:2 3:x");
}

TEST_P(StoreContract, WritesWhatMustBeTheFirstOnlyWhereNothingIs) {
  const Append first = {
      .room = "r", .epoch = epoch_of(kA), .seq = 0, .update = "x", .only_first = true};
  EXPECT_EQ(store().append_as({{'a'}, 0}, 1, {first}).seqs, std::vector<uint64_t>{1});
  ASSERT_EQ(store().put("put", epoch_of(kA), "S"), Status::ok);
  const std::vector<Append> batch = {
      {.room = "r", .epoch = epoch_of(kB), .seq = 0, .update = "y", .only_first = true},
      {"s", epoch_of(kB), 1, "z"},
      {.room = "put", .epoch = epoch_of(kA), .seq = 0, .update = "y", .only_first = true}};
  for (int times = 0; times < 2; ++times) {
    const Appended second = store().append_as({{'b'}, 0}, 1, batch);
    EXPECT_EQ(second.status, Status::ok);
    EXPECT_EQ(second.seqs, (std::vector<uint64_t>{0, 1, 0}));
    ASSERT_EQ(second.epochs.size(), 2u);
    EXPECT_EQ(second.epochs[0], epoch_of(kA));
  }
  EXPECT_EQ(content("r"), "1:x");
  EXPECT_EQ(content("s"), "1:z");
  EXPECT_EQ(content("put"), "@0:S");
}

TEST_P(StoreContract, OfTwoFirstInOneBatchTheSecondIsNone) {
  Append first = {.room = "r", .epoch = epoch_of(kA), .seq = 0, .update = "x", .only_first = true};
  std::vector<Append> batch = {first, first, {"r", epoch_of(kA), 0, "z"}};
  EXPECT_EQ(store().append_as({{'a'}, 0}, 1, batch).seqs, (std::vector<uint64_t>{1, 0, 2}));
  EXPECT_EQ(content("r"), "1:x 2:z");
}

TEST_P(StoreContract, KeepsWhoWroteWhat) {
  ASSERT_EQ(
      store().append({{"r", epoch_of(kA), 1, "x", "ada", 1'700'000'000'000, 1'700'000'000'025},
                      {"r", epoch_of(kA), 2, "y", "", 1'700'000'000'030, 1'700'000'000'030}}),
      Status::ok);
  const std::vector<Row> rows = {{1, "x", "ada", 1'700'000'000'000, 1'700'000'000'025},
                                 {2, "y", "", 1'700'000'000'030, 1'700'000'000'030}};
  EXPECT_EQ(without_writers(store().load("r").rows), rows);
}

// ---- a batch that comes again, for nobody knows what became of it

TEST_P(StoreContract, WritesABatchThatComesAgainOnce) {
  ASSERT_EQ(grow("r", 1, 2), Status::ok);
  const std::vector<Append> batch = {
      {"r", epoch_of(kA), 3, "x"}, {"s", epoch_of(kA), 1, "y"}, {"r", epoch_of(kA), 4, "z"}};
  ASSERT_EQ(store().append(batch), Status::ok);
  for (int times = 0; times < 2; ++times) {
    const Appended again = store().append_again(batch);
    EXPECT_EQ(again.status, Status::ok);
    EXPECT_EQ(again.seqs, (std::vector<uint64_t>{3, 1, 4}));
  }
  EXPECT_EQ(content("r"), "1:1 2:2 3:x 4:z");
  EXPECT_EQ(content("s"), "1:y");
}

TEST_P(StoreContract, AnswersABatchThatComesAgainAsItDidAlsoWhenOthersWentOn) {
  const std::vector<Append> batch = {{"r", epoch_of(kA), 1, "x"}};
  ASSERT_EQ(store().append(batch), Status::ok);
  ASSERT_EQ(store().append_as({{'b'}, 0}, 1, {{"r", epoch_of(kA), 0, "y"}}).seqs,
            std::vector<uint64_t>{2});
  ASSERT_EQ(store().replace("r", epoch_of(kA), 2, "S"), Status::ok);
  EXPECT_EQ(store().append_again(batch).seqs, std::vector<uint64_t>{1});
  EXPECT_EQ(content("r"), "@2:S");
}

TEST_P(StoreContract, TellsWritersApartByRunAndShard) {
  const std::vector<Append> batch = {{"r", epoch_of(kA), 1, "x"}};
  uint64_t seq = 0;
  for (const freshet_writer& writer :
       {freshet_writer{{1}, 0}, freshet_writer{{1}, 1}, freshet_writer{{2}, 0}}) {
    EXPECT_EQ(store().append_as(writer, 1, batch).seqs, std::vector<uint64_t>{++seq});
  }
}

TEST_P(StoreContract, WritesABatchThatWasRefusedUnderTheSameNumberToo) {
  ASSERT_EQ(grow("r", 1, 1), Status::ok);
  ASSERT_EQ(store().append({{"r", epoch_of(kB), 0, "x"}}), Status::conflict);
  EXPECT_EQ(store().append_again({{"r", epoch_of(kA), 0, "y"}}).seqs, std::vector<uint64_t>{2});
}

TEST_P(StoreContract, RefusesAnotherEpoch) {
  ASSERT_EQ(grow("r", 1, 1), Status::ok);
  std::vector<std::string> offenders;
  EXPECT_EQ(store().append({{"r", epoch_of(kB), 0, "x"}}, &offenders), Status::conflict);
  EXPECT_EQ(offenders, std::vector<std::string>{"r"});
  EXPECT_EQ(content("r"), "1:1");
}

TEST_P(StoreContract, RefusesTwoEpochsOfANewRoomInOneBatch) {
  EXPECT_EQ(store().append({{"r", epoch_of(kA), 1, "x"}, {"r", epoch_of(kB), 2, "y"}}),
            Status::conflict);
  EXPECT_EQ(content("r"), "not found");
}

TEST_P(StoreContract, AppendsToManyRoomsAtOnce) {
  std::vector<Append> batch;
  for (uint64_t seq = 1; seq <= 3; ++seq) {
    for (const char* room : {"a", "b", "c"}) {
      batch.push_back({room, epoch_of(static_cast<uint8_t>(room[0])), seq, room});
    }
  }
  ASSERT_EQ(store().append(batch), Status::ok);
  EXPECT_EQ(content("a"), "1:a 2:a 3:a");
  EXPECT_EQ(content("b"), "1:b 2:b 3:b");
  EXPECT_EQ(content("c"), "1:c 2:c 3:c");
  EXPECT_EQ(store().load("c").epochs.at(0), epoch_of('c'));
}

TEST_P(StoreContract, WritesNothingOfABatchWithAConflict) {
  ASSERT_EQ(grow("old", 1, 1), Status::ok);
  ASSERT_EQ(grow("bad", 1, 1), Status::ok);
  std::vector<std::string> offenders;
  EXPECT_EQ(store().append({{"old", epoch_of(kA), 2, "x"},
                            {"new", epoch_of(kA), 1, "x"},
                            {"bad", epoch_of(kB), 0, "x"},
                            {"worse", epoch_of(kA), 0, "x"},
                            {"bad", epoch_of(kB), 0, "x"}},
                           &offenders),
            Status::conflict);
  std::sort(offenders.begin(), offenders.end());
  EXPECT_EQ(offenders, (std::vector<std::string>{"bad", "worse"}));
  EXPECT_EQ(content("old"), "1:1");
  EXPECT_EQ(content("bad"), "1:1");
  EXPECT_EQ(content("new"), "not found");
  // The same sequences are still free.
  EXPECT_EQ(store().append({{"old", epoch_of(kA), 2, "x"}, {"new", epoch_of(kA), 1, "x"}}),
            Status::ok);
}

// ---- replace

TEST_P(StoreContract, ReplaceKeepsWhatWasAppendedMeanwhile) {
  ASSERT_EQ(grow("r", 1, 5), Status::ok);
  ASSERT_EQ(store().replace("r", epoch_of(kA), 3, "S"), Status::ok);
  EXPECT_EQ(content("r"), "@3:S 4:4 5:5");
  ASSERT_EQ(grow("r", 6, 1), Status::ok);
  EXPECT_EQ(content("r"), "@3:S 4:4 5:5 6:6");
}

TEST_P(StoreContract, ReplaceThroughTheLastLeavesTheSnapshotAlone) {
  ASSERT_EQ(grow("r", 1, 2), Status::ok);
  ASSERT_EQ(store().replace("r", epoch_of(kA), 2, "S"), Status::ok);
  EXPECT_EQ(content("r"), "@2:S");
  ASSERT_EQ(grow("r", 3, 1), Status::ok);
  EXPECT_EQ(content("r"), "@2:S 3:3");
}

TEST_P(StoreContract, ReplaceTakesTheSamePlaceAgainAndAnEmptySnapshot) {
  ASSERT_EQ(grow("r", 1, 2), Status::ok);
  ASSERT_EQ(store().replace("r", epoch_of(kA), 1, "S"), Status::ok);
  ASSERT_EQ(store().replace("r", epoch_of(kA), 1, ""), Status::ok);
  EXPECT_EQ(content("r"), "@1: 2:2");
}

TEST_P(StoreContract, ReplaceTouchesOneRoomOnly) {
  ASSERT_EQ(grow("r", 1, 2), Status::ok);
  ASSERT_EQ(grow("s", 1, 2), Status::ok);
  ASSERT_EQ(store().replace("r", epoch_of(kA), 2, "S"), Status::ok);
  EXPECT_EQ(content("s"), "1:1 2:2");
}

TEST_P(StoreContract, ReplaceRefusesAnotherEpochOrPlace) {
  ASSERT_EQ(grow("r", 1, 5), Status::ok);
  ASSERT_EQ(store().replace("r", epoch_of(kA), 3, "S"), Status::ok);
  EXPECT_EQ(store().replace("r", epoch_of(kB), 4, "x"), Status::conflict);
  EXPECT_EQ(store().replace("r", epoch_of(kA), 2, "x"), Status::conflict);
  EXPECT_EQ(store().replace("r", epoch_of(kA), 6, "x"), Status::conflict);
  EXPECT_EQ(store().replace("r", epoch_of(kA), UINT64_MAX, "x"), Status::conflict);
  EXPECT_EQ(store().replace("nowhere", epoch_of(kA), 0, "x"), Status::conflict);
  EXPECT_EQ(content("r"), "@3:S 4:4 5:5");
  EXPECT_EQ(content("nowhere"), "not found");
}

// ---- put, erase

TEST_P(StoreContract, PutMakesARoomThatBeginsAtSequenceZero) {
  ASSERT_EQ(store().put("r", epoch_of(kA), "S"), Status::ok);
  EXPECT_EQ(content("r"), "@0:S");
  ASSERT_EQ(grow("r", 1, 2), Status::ok);
  EXPECT_EQ(content("r"), "@0:S 1:1 2:2");
}

TEST_P(StoreContract, PutOverARoomBeginsAnotherHistory) {
  ASSERT_EQ(grow("r", 1, 5), Status::ok);
  ASSERT_EQ(store().replace("r", epoch_of(kA), 3, "S"), Status::ok);
  ASSERT_EQ(store().put("r", epoch_of(kB), "T"), Status::ok);
  EXPECT_EQ(content("r"), "@0:T");
  EXPECT_EQ(store().load("r").epochs.at(0), epoch_of(kB));
  EXPECT_EQ(grow("r", 6, 1, kA), Status::conflict);
  EXPECT_EQ(grow("r", 1, 1, kB), Status::ok);
  EXPECT_EQ(content("r"), "@0:T 1:1");
}

TEST_P(StoreContract, EraseForgetsOneRoomWhole) {
  ASSERT_EQ(grow("r", 1, 3), Status::ok);
  ASSERT_EQ(grow("s", 1, 1), Status::ok);
  ASSERT_EQ(store().replace("r", epoch_of(kA), 2, "S"), Status::ok);
  ASSERT_EQ(store().erase("r"), Status::ok);
  EXPECT_EQ(content("r"), "not found");
  EXPECT_EQ(content("s"), "1:1");
  EXPECT_EQ(store().erase("r"), Status::not_found);
  // The name is free for a new history, which has nothing of the old one; who still has that one
  // does not bring it back.
  EXPECT_EQ(grow("r", 4, 1), Status::conflict);
  const Loaded gone = store().load("r");
  const Epoch next = gone.epochs.empty() ? epoch_of(kB) : gone.epochs[0];
  EXPECT_FALSE(next == epoch_of(kA));
  ASSERT_EQ(store().append({{"r", next, 1, "1"}}), Status::ok);
  EXPECT_EQ(content("r"), "1:1");
}

// ---- list, info

TEST_P(StoreContract, ListsNamesByTheirBytesInPages) {
  const std::vector<std::string> sorted = {
      std::string("\0", 1), "A", "a", "a/b", "aa", "b", "\x7f", "\xc3\xa4", "\xff"};
  std::vector<std::string> shuffled = sorted;
  std::rotate(shuffled.begin(), shuffled.begin() + 4, shuffled.end());
  for (const auto& name : shuffled) ASSERT_EQ(grow(name, 1, 1), Status::ok);
  EXPECT_EQ(names("", 100), sorted);
  std::vector<std::string> paged;
  for (std::string after; true; after = paged.back()) {
    const auto page = names(after, 2);
    EXPECT_LE(page.size(), 2u);
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
  }
  EXPECT_EQ(paged, sorted);
  EXPECT_EQ(names("aab", 1), std::vector<std::string>{"b"});
  EXPECT_TRUE(names("", 0).empty());
}

TEST_P(StoreContract, TellsNamesApartThatLookAlike) {
  const std::string names_of[] = {"r",
                                  "R",
                                  "r ",
                                  " r",
                                  "r%00",
                                  std::string("r\0", 2),
                                  std::string("r\0x", 3),
                                  "\xc3\xa9",
                                  "e\xcc\x81",
                                  "\xff\xfe",
                                  "'; DROP TABLE rooms; --",
                                  "../../etc/passwd",
                                  "a\nb",
                                  std::string(512, 'n')};
  for (const auto& name : names_of) {
    ASSERT_EQ(store().append({{name, epoch_of(kA), 1, "of " + name}}), Status::ok) << name;
  }
  for (const auto& name : names_of) EXPECT_EQ(content(name), "1:of " + name);
}

TEST_P(StoreContract, InfoAndListCountWhatIsStored) {
  ASSERT_EQ(store().append({{"r", epoch_of(kA), 1, "four"}, {"r", epoch_of(kA), 2, "sixsix"}}),
            Status::ok);
  RoomInfo info = store().info("r");
  EXPECT_EQ(info.status, Status::ok);
  EXPECT_EQ(info.epoch, epoch_of(kA));
  EXPECT_EQ(info.last_seq, 2u);
  EXPECT_EQ(info.log_count, 2u);
  EXPECT_EQ(info.log_bytes, 10u);
  EXPECT_EQ(info.snapshot_bytes, 0u);
  ASSERT_EQ(store().replace("r", epoch_of(kA), 1, "snapshot"), Status::ok);
  info = store().info("r");
  EXPECT_EQ(info.last_seq, 2u);
  EXPECT_EQ(info.log_count, 1u);
  EXPECT_EQ(info.log_bytes, 6u);
  EXPECT_EQ(info.snapshot_bytes, 8u);
  EXPECT_EQ(store().list("", 10).at(0).second, 14u);
  ASSERT_EQ(store().put("r", epoch_of(kB), "S"), Status::ok);
  info = store().info("r");
  EXPECT_EQ(info.epoch, epoch_of(kB));
  EXPECT_EQ(info.last_seq + info.log_count + info.log_bytes, 0u);
  EXPECT_EQ(info.snapshot_bytes, 1u);
}

// ---- size

TEST_P(StoreContract, TakesBigValues) {
  std::string snapshot(size_t{20} << 20, 's'), update(size_t{5} << 20, 'u');
  for (size_t i = 0; i < snapshot.size(); i += 1000) snapshot[i] = static_cast<char>(i / 1000);
  ASSERT_EQ(grow("r", 1, 1), Status::ok);
  ASSERT_EQ(store().append({{"r", epoch_of(kA), 2, update}}), Status::ok);
  ASSERT_EQ(store().replace("r", epoch_of(kA), 1, snapshot), Status::ok);
  const Loaded loaded = store().load("r");
  EXPECT_TRUE(loaded.snapshots.at(0).second == snapshot);
  EXPECT_TRUE(loaded.updates.at(0).second == update);
}

TEST_P(StoreContract, TakesALongLogAndManyRooms) {
  ASSERT_EQ(grow("r", 1, 3000), Status::ok);
  std::vector<Append> batch;
  for (int i = 0; i < 1000; ++i) {
    batch.push_back({"room " + std::to_string(i), epoch_of(kA), 1, std::to_string(i)});
  }
  ASSERT_EQ(store().append(batch), Status::ok);
  const Loaded loaded = store().load("r");
  ASSERT_EQ(loaded.updates.size(), 3000u);
  for (uint64_t i = 0; i < 3000; ++i) ASSERT_EQ(loaded.updates[i].first, i + 1);
  EXPECT_EQ(content("room 999"), "1:999");
  EXPECT_EQ(names("", 5000).size(), 1001u);
}

// ---- opened again

TEST_P(StoreContract, HasEverythingWhenOpenedAgain) {
  if (!durable()) GTEST_SKIP() << "keeps nothing";
  ASSERT_EQ(grow("log", 1, 3), Status::ok);
  ASSERT_EQ(grow("both", 1, 3), Status::ok);
  ASSERT_EQ(store().replace("both", epoch_of(kA), 2, "S"), Status::ok);
  ASSERT_EQ(store().put("put", epoch_of(kB), "P"), Status::ok);
  ASSERT_EQ(grow("erased", 1, 3), Status::ok);
  ASSERT_EQ(store().erase("erased"), Status::ok);
  for (int times = 0; times < 2; ++times) {
    reopen();
    EXPECT_EQ(content("log"), "1:1 2:2 3:3");
    EXPECT_EQ(content("both"), "@2:S 3:3");
    EXPECT_EQ(content("put"), "@0:P");
    EXPECT_EQ(content("erased"), "not found");
    EXPECT_EQ(store().load("put").epochs.at(0), epoch_of(kB));
    EXPECT_EQ(names("", 10), (std::vector<std::string>{"both", "log", "put"}));
  }
  EXPECT_EQ(grow("log", 4, 1), Status::ok);
}

// A lock per process is enough, so what opens twice in this one is tried from another.
TEST_P(StoreContract, KeepsASecondOwnerOut) {
  const auto& opens = GetParam().opens;
  if (!durable() || !opens) GTEST_SKIP() << "keeps nothing, or is shared";
  ASSERT_EQ(grow("r", 1, 1), Status::ok);
  if (opens(directory())) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) ::_exit(opens(directory()) ? 1 : 0);
    int ended = 0;
    ASSERT_EQ(::waitpid(child, &ended, 0), child);
    EXPECT_TRUE(WIFEXITED(ended) && WEXITSTATUS(ended) == 0)
        << "another process can open what is open here: `freshet rooms delete` would, under a "
           "running server. Take a lock that ends with the process, like flock() on a file beside "
           "the data, before anything is read or written; or say `shared` if many may write at "
           "once";
  }
  EXPECT_EQ(grow("r", 2, 1), Status::ok);
  EXPECT_EQ(content("r"), "1:1 2:2");
}

TEST_P(StoreContract, HasNoTroubleToTellOfWhileAllIsWell) {
  EXPECT_EQ(store().trouble(), "");
  ASSERT_EQ(grow("r", 1, 1), Status::ok);
  EXPECT_EQ(store().trouble(), "");
}

TEST_P(StoreContract, ABackupOpensAndHasWhatWasThereThen) {
  const std::filesystem::path copy = directory() / "copy";
  ASSERT_EQ(grow("r", 1, 3), Status::ok);
  const Status status = store().backup(copy.string());
  if (status == Status::unsupported) GTEST_SKIP() << "makes no backups";
  ASSERT_EQ(status, Status::ok);
  ASSERT_EQ(grow("r", 4, 1), Status::ok);
  EXPECT_NE(store().backup(copy.string()), Status::ok) << "it must not be written over";
  reopen(copy);
  EXPECT_EQ(content("r"), "1:1 2:2 3:3");
  EXPECT_EQ(grow("r", 4, 1), Status::ok);
}

}  // namespace freshet::testing
