// What holds for every plugin.
#include <algorithm>
#include <thread>

#include "core/check/limits.h"
#include "core/check/plugin/exports.h"
#include "core/check/plugin/resources.h"
#include "core/check/tests/opened.h"
#include "core/host/service_tables.h"
#include "freshet/abi.h"

namespace freshet::check {
namespace {

// What is allocated in `rounds` of it, for each of them.
size_t bytes_each(const Resources& before, const Resources& after, int rounds) {
  if (after.bytes <= before.bytes) return 0;
  return (after.bytes - before.bytes) / static_cast<size_t>(rounds);
}

TEST(AnyPlugin, ShowsItsEntryAlone) {
  std::string reason, others;
  for (const std::string& name : exported_symbols(Trial::here().subject().file, reason)) {
    if (name != FRESHET_PLUGIN_ENTRY) others += (others.empty() ? "" : ", ") + name;
  }
  EXPECT_EQ(reason, "");
  EXPECT_EQ(others, "") << "it exports more than " FRESHET_PLUGIN_ENTRY
                           ", and two plugins with the same library inside meet there: link with "
                           "the SDK's plugin.map";
}

TEST(AnyPlugin, DoesNothingWhenItIsLoaded) {
  const Resources before = Resources::now();
  ASSERT_NE(Trial::here().file(), nullptr) << Trial::here().reason();
  const Resources after = Resources::now();
  EXPECT_EQ(after.threads, before.threads) << "a thread was started before create()";
  EXPECT_EQ(after.files, before.files) << "a file was opened before create()";
}

TEST(AnyPlugin, SaysWhatItLacksWhenItIsNotTold) {
  Trial& trial = Trial::here();
  const PluginFile* file = trial.file();
  ASSERT_NE(file, nullptr) << trial.reason();
  const bool requires_some = std::ranges::any_of(file->settings(), [](const freshet_setting& one) {
    return (one.flags & FRESHET_REQUIRED) != 0;
  });
  if (!requires_some) return;
  Problems missing("settings");
  GivenHost host(file->settings(), Settings::check(file->settings(), {}, {}, missing),
                 trial.witness());
  void* self = nullptr;
  const Witness::Calling calling(trial.witness(), "create");
  const Status status{file->about().create(host.table(), &self)};
  EXPECT_NE(status, Status::ok) << "it was created without a setting that it calls required";
  EXPECT_NE(host.log(), "") << "create answered " << name_of(status) << ", and logged no reason";
  if (status == Status::ok) file->about().destroy(self);
}

TEST(AnyPlugin, JudgesItsSettingsWithoutAWorld) {
  Trial& trial = Trial::here();
  const PluginFile* file = trial.file();
  ASSERT_NE(file, nullptr) << trial.reason();
  if (!FRESHET_HAS(&file->about(), check_settings)) return;
  Problems problems("settings");
  Told told = tell(trial.subject(), *file, trial.place("judged"), problems);
  if (const std::string& why = trial.facts().lacking; !why.empty()) GTEST_SKIP() << why;
  GivenHost host(file->settings(), std::move(told.settings), trial.witness());
  std::string faults;
  const freshet_faults out{sizeof(out), &faults,
                           [](void* ctx, freshet_str key, freshet_str reason) {
                             *static_cast<std::string*>(ctx) +=
                                 std::string(view(key)) + " " + std::string(view(reason)) + "\n";
                           }};
  const Resources before = Resources::now();
  const Witness::Calling calling(trial.witness(), "check_settings");
  EXPECT_EQ(Status{file->about().check_settings(host.table(), &out)}, Status::ok);
  const Resources after = Resources::now();
  EXPECT_EQ(faults, "");
  EXPECT_EQ(after.threads, before.threads) << "check_settings started a thread";
  EXPECT_EQ(after.files, before.files) << "check_settings opened a file";
}

TEST(AnyPlugin, IsCreatedAndDestroyedTwice) {
  Trial& trial = Trial::here();
  for (int times = 0; times < 2; ++times) {
    Instance plugin(trial, trial.place("own"));
    ASSERT_TRUE(plugin.ok()) << plugin.why();
    for (const std::string& id : trial.file()->offers()) {
      const Witness::Calling calling(trial.witness(), "service");
      EXPECT_NE(plugin.find(id.c_str()), nullptr)
          << "it says that it offers " << id << ", and gives no table for it that is whole";
    }
    if (const auto* store = plugin.raw<freshet_store>()) {
      RecordProperty("outbox", FRESHET_HAS(store, outbox_add) ? "yes" : "no");
      RecordProperty("kept", FRESHET_HAS(store, kept_read) ? "yes" : "no");
    }
    if (times == 1) RecordProperty("log", plugin.log());
  }
}

TEST(AnyPlugin, LeavesNothingBehind) {
  Trial& trial = Trial::here();
  if (const std::string& why = trial.facts().lacking; !why.empty()) GTEST_SKIP() << why;
  const Place place = trial.place("own");
  const auto once = [&] {
    Instance plugin(trial, place);
    ASSERT_TRUE(plugin.ok()) << plugin.why();
  };
  for (int i = 0; i < 5; ++i) ASSERT_NO_FATAL_FAILURE(once());
  const Resources before = Resources::now();
  const auto deadline = std::chrono::steady_clock::now() + kLeakTime;
  int rounds = 0;
  while (rounds < kLeakRounds &&
         (rounds < kFewestLeakRounds || std::chrono::steady_clock::now() < deadline)) {
    ASSERT_NO_FATAL_FAILURE(once());
    ++rounds;
  }
  const Resources after = Resources::settled(before);
  EXPECT_LE(after.threads, before.threads)
      << "threads stay after destroy: " << rounds << " times created and destroyed";
  EXPECT_LE(after.files, before.files)
      << "descriptors stay open after destroy: " << rounds << " times created and destroyed";
  EXPECT_LE(bytes_each(before, after, rounds), kLeakBytes)
      << "so many bytes stay each time that it is created and destroyed";
}

}  // namespace
}  // namespace freshet::check
