// `freshet migrate store` as an operator has it: from one manifest's store to another's.
#include <gtest/gtest.h>

#include "cli_world.h"

namespace freshet::testing {
namespace {

class StoreMigration : public Cli {
 protected:
  StoreMigration() {
    folder_.write("new.toml", kServer + with_path("new/freshet.db"));
    folder_.write("u", kUpdate);
  }

  static std::string with_path(const std::string& path) {
    std::string plugins = kPlugins;
    const std::string old = "data/freshet.db";
    return plugins.replace(plugins.find(old), old.size(), path);
  }
  void import(const std::string& room, const std::string& manifest = "freshet.toml") {
    ASSERT_EQ(freshet({"rooms", "import", room, "u", "--yes", "-m", manifest}).exit, kOk);
  }
  Outcome migrate(std::vector<std::string> options = {}) {
    options.insert(options.begin(), {"migrate", "store", "freshet.toml", "new.toml"});
    return freshet(options);
  }
  std::string exported(const std::string& room, const std::string& manifest) {
    return freshet({"rooms", "export", room, "--json", "-m", manifest}).out;
  }
};

TEST_F(StoreMigration, CopiesEveryRoomAndSaysSo) {
  import("a");
  import("b");
  const Outcome outcome = migrate();
  EXPECT_EQ(outcome.exit, kOk) << outcome.err;
  EXPECT_NE(outcome.out.find("rooms copied: 2"), std::string::npos) << outcome.out;
  EXPECT_EQ(exported("a", "new.toml"), exported("a", "freshet.toml"));
  EXPECT_NE(exported("b", "new.toml").find("hello"), std::string::npos);
}

TEST_F(StoreMigration, RunAgainItGoesOnWhereItWas) {
  import("a");
  ASSERT_EQ(migrate().exit, kOk);
  import("b");
  const Outcome outcome = migrate();
  EXPECT_EQ(outcome.exit, kOk) << outcome.err;
  EXPECT_NE(outcome.out.find("rooms copied: 1"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("there already: 1"), std::string::npos) << outcome.out;
}

TEST_F(StoreMigration, ARoomOfAnotherHistoryStaysUnlessItMayGo) {
  import("a");
  import("a", "new.toml");
  const Outcome outcome = migrate();
  EXPECT_EQ(outcome.exit, kFailed);
  EXPECT_NE(outcome.err.find("\"a\" is there with another history"), std::string::npos)
      << outcome.err;
  EXPECT_EQ(migrate({"--overwrite"}).exit, kOk);
  EXPECT_EQ(migrate().exit, kOk);
}

TEST_F(StoreMigration, ADryRunStoresNothing) {
  import("a");
  const Outcome outcome = migrate({"--dry-run"});
  EXPECT_EQ(outcome.exit, kOk) << outcome.err;
  EXPECT_NE(outcome.out.find("rooms to copy: 1"), std::string::npos) << outcome.out;
  EXPECT_EQ(freshet({"rooms", "show", "a", "-m", "new.toml"}).exit, kNotFound);
}

TEST_F(StoreMigration, TheSameStoreTwiceIsInUse) {
  import("a");
  const Outcome outcome = freshet({"migrate", "store", "freshet.toml", "freshet.toml"});
  EXPECT_NE(outcome.exit, kOk);
  EXPECT_NE(exported("a", "freshet.toml").find("hello"), std::string::npos);
}

}  // namespace
}  // namespace freshet::testing
