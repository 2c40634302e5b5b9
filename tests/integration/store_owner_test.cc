// One process has the store of a manifest, whatever its plugin does about it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "process.h"

namespace freshet::testing {
namespace {

constexpr int kOk = 0, kFailed = 1, kBusy = 5;

std::string plugins(const std::string& store) {
  return "[[plugin]]\nuse = \"platform-ws\"\n[[plugin]]\nuse = \"crdt-native\"\n"
         "[[plugin]]\nuse = \"protocol-yjs\"\n[[plugin]]\n" +
         store;
}

class StoreOwner : public ::testing::Test {
 protected:
  TempFolder folder_;
};

// A store that was written without a thought of locks: the core notices at least that.
TEST_F(StoreOwner, LeavesAStoreAloneThatDoesNotLockWhileAServerHasIt) {
  const std::string memory = std::getenv("FRESHET_TEMPLATE_STORE");
  folder_.write("freshet.toml",
                "[server]\nlisten = [\"127.0.0.1:0\"]\n" + plugins("use = \"" + memory + "\"\n"));
  Served server(folder_, {"serve"});
  ASSERT_TRUE(server.says("serves freshet.toml")) << server.log();
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"rooms", "delete", "live", "--yes"},
        {"rooms", "list"},
        {"rooms", "restore", "copy.db"},
        {"outbox", "topics"}}) {
    const Outcome outcome = run(folder_, arguments);
    EXPECT_EQ(outcome.exit, kBusy) << outcome.err;
    EXPECT_TRUE(outcome.err.starts_with(
        "freshet.toml: another process with this manifest has its store, and a store has one "
        "owner\n"))
        << outcome.err;
  }
  EXPECT_EQ(run(folder_, {"check"}).exit, kOk);
  EXPECT_EQ(server.stop(), kOk);
  EXPECT_EQ(run(folder_, {"rooms", "list"}).exit, kOk) << "the lock ends with the process";
  const Outcome none = run(folder_, {"rooms", "restore", "copy.db"});
  EXPECT_EQ(none.exit, kFailed);
  EXPECT_EQ(none.err, "freshet.toml: no plugin of it restores backups of a store\n");
}

// One manifest may stand for several servers, each with its own data.
TEST_F(StoreOwner, ServesOneManifestTwiceWithDifferentStores) {
  folder_.write(
      "freshet.toml",
      "[server]\nlisten = [\"127.0.0.1:0\"]\n" +
          plugins("use = \"store-sqlite\"\n[plugin.settings]\npath = \"${FRESHET_TEST_DATA}\"\n"));
  Served one(folder_, {"serve"}, {{"FRESHET_TEST_DATA", "one.db"}});
  ASSERT_TRUE(one.says("serves freshet.toml")) << one.log();
  Served two(folder_, {"serve"}, {{"FRESHET_TEST_DATA", "two.db"}});
  EXPECT_TRUE(two.says("serves freshet.toml")) << two.log();
}

}  // namespace
}  // namespace freshet::testing
