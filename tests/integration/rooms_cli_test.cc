// `freshet rooms` as an operator has it, with a server and without.
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli_world.h"

namespace freshet::testing {
namespace {

// The same story, told to a server or to the store itself.
class CliRooms : public Cli, public ::testing::WithParamInterface<bool> {
 protected:
  void SetUp() override {
    if (!GetParam()) return;
    server_ = std::make_unique<Served>(folder_, std::vector<std::string>{"serve"});
    ASSERT_TRUE(server_->says("serves freshet.toml")) << server_->log();
  }

  std::unique_ptr<Served> server_;
};

TEST_P(CliRooms, AreImportedShownExportedAndDeleted) {
  folder_.write("u.bin", kUpdate);
  EXPECT_EQ(freshet({"rooms", "list"}).out, "");
  const Outcome imported = freshet({"rooms", "import", "a b/\xc3\xa9?", "u.bin", "--yes"});
  ASSERT_EQ(imported.exit, kOk) << imported.err;

  EXPECT_EQ(freshet({"rooms", "list"}).out, std::to_string(kUpdate.size()) + "\ta b/\xc3\xa9?\n");
  const auto shown = nlohmann::json::parse(freshet({"rooms", "show", "a b/\xc3\xa9?"}).out);
  EXPECT_EQ(shown["name"], "a b/\xc3\xa9?");
  EXPECT_EQ(shown["stored"]["snapshot_bytes"], kUpdate.size());
  EXPECT_EQ(freshet({"rooms", "export", "a b/\xc3\xa9?", "--json"}).out, "{\"t\":\"hello\"}\n");
  EXPECT_EQ(freshet({"rooms", "export", "a b/\xc3\xa9?", "-o", "out.bin"}).exit, kOk);
  EXPECT_EQ(folder_.read("out.bin"), kUpdate);

  EXPECT_EQ(freshet({"rooms", "delete", "a b/\xc3\xa9?", "--yes"}).exit, kOk);
  EXPECT_EQ(freshet({"rooms", "list"}).out, "");
}

TEST_P(CliRooms, AreListedInPagesByName) {
  folder_.write("u.bin", kUpdate);
  for (const char* room : {"c", "a", "b"}) {
    ASSERT_EQ(freshet({"rooms", "import", room, "u.bin", "--yes"}).exit, kOk);
  }
  EXPECT_EQ(freshet({"rooms", "list", "--limit", "2"}).out, "15\ta\n15\tb\n");
  EXPECT_EQ(freshet({"rooms", "list", "--after", "a"}).out, "15\tb\n15\tc\n");
  EXPECT_EQ(freshet({"rooms", "list", "--json", "--after", "b"}).out,
            "{\"bytes\":15,\"name\":\"c\"}\n");
}

TEST_P(CliRooms, ThatAreNotThereAreNotFound) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"rooms", "show", "no"},
                                                    {"rooms", "export", "no", "--json"},
                                                    {"rooms", "delete", "no", "--yes"}}) {
    const Outcome outcome = freshet(arguments);
    EXPECT_EQ(outcome.exit, kNotFound);
    EXPECT_EQ(outcome.err, "there is no room \"no\"\n");
  }
}

TEST_P(CliRooms, AreNotImportedFromWhatIsNoUpdate) {
  folder_.write("text.bin", "this is no update");
  folder_.write("empty.bin", "");
  const Outcome text = freshet({"rooms", "import", "a", "text.bin", "--yes"});
  EXPECT_EQ(text.exit, kFailed);
  EXPECT_NE(text.err.find("is not an update"), std::string::npos) << text.err;
  for (const char* file : {"empty.bin", "none.bin"}) {
    const Outcome outcome = freshet({"rooms", "import", "a", file, "--yes"});
    EXPECT_EQ(outcome.exit, kFailed);
    EXPECT_EQ(outcome.err, std::string(file) + ": cannot be read, or is empty\n");
  }
  EXPECT_EQ(freshet({"rooms", "list"}).out, "");
}

TEST_P(CliRooms, AreNotImportedUnderNamesThatNoClientCanOpen) {
  folder_.write("u.bin", kUpdate);
  const std::pair<std::string, std::string> bad[] = {
      {"", "the room has no name"},
      {std::string(600, 'n'),
       "the room's name is too long for a client: 600 bytes, and limits.room_name_bytes is 512"},
      {"two\nlines", "the room's name has a line break or another control character"},
      {"a\x7f", "the room's name has a line break or another control character"},
      {"\xff\xfe", "the room's name is not UTF-8"},
      {"\xed\xa0\x80", "the room's name is not UTF-8"},
  };
  for (const auto& [name, why] : bad) {
    const Outcome outcome = freshet({"rooms", "import", name, "u.bin", "--yes"});
    EXPECT_EQ(outcome.exit, kFailed) << why;
    EXPECT_NE(outcome.err.find(name.empty() && GetParam() ? "not a room's name" : why),
              std::string::npos)
        << outcome.err;
  }
  EXPECT_EQ(freshet({"rooms", "list"}).out, "");
  EXPECT_EQ(freshet({"rooms", "import", std::string(512, 'n'), "u.bin", "--yes"}).exit, kOk);
}

// `freshet rooms restore`, as backup.md has it.
TEST_P(CliRooms, AreRestoredFromABackupOnceNoServerHasThem) {
  folder_.write("u.bin", kUpdate);
  ASSERT_EQ(freshet({"rooms", "import", "then", "u.bin", "--yes"}).exit, kOk);
  ASSERT_EQ(freshet({"rooms", "backup", "copy.db"}).exit, kOk);
  const auto epoch =
      nlohmann::json::parse(freshet({"rooms", "show", "then"}).out)["stored"]["epoch"];
  ASSERT_EQ(freshet({"rooms", "import", "later", "u.bin", "--yes"}).exit, kOk);
  if (GetParam()) {
    const Outcome held = freshet({"rooms", "restore", "copy.db"});
    EXPECT_EQ(held.exit, kBusy);
    EXPECT_EQ(held.err, "a server has the store and answers at unix:admin.sock: stop it first\n");
    EXPECT_EQ(server_->stop(), kOk);
  }
  const Outcome restored = freshet({"rooms", "restore", "copy.db"});
  EXPECT_EQ(restored.exit, kOk) << restored.err;
  EXPECT_NE(
      restored.err.find("store data/freshet.db: restored from copy.db: 1 room, each with a new "
                        "epoch. What was there before is "),
      std::string::npos)
      << restored.err;
  EXPECT_EQ(freshet({"rooms", "list"}).out, "15\tthen\n");
  EXPECT_EQ(freshet({"rooms", "export", "then", "--json"}).out, "{\"t\":\"hello\"}\n");
  EXPECT_NE(nlohmann::json::parse(freshet({"rooms", "show", "then"}).out)["stored"]["epoch"],
            epoch);
}

// One byte is on the disk; nobody has memory for all of it.
TEST_P(CliRooms, AreNotImportedFromAFileThatIsTooLargeToBeLookedAt) {
  folder_.write("large.bin", "x");
  std::filesystem::resize_file(folder_.path() / "large.bin", uintmax_t{1} << 40);
  const Outcome outcome = freshet({"rooms", "import", "a", "large.bin", "--yes"});
  EXPECT_EQ(outcome.exit, kFailed);
  EXPECT_EQ(outcome.err, "large.bin: is larger than 1 GiB\n");
}

TEST_P(CliRooms, AreBackedUpToAFileThatIsNotThereYet) {
  folder_.write("u.bin", kUpdate);
  ASSERT_EQ(freshet({"rooms", "import", "a", "u.bin", "--yes"}).exit, kOk);
  EXPECT_EQ(freshet({"rooms", "backup", "copy.db"}).exit, kOk);
  EXPECT_EQ(folder_.read("copy.db").substr(0, 15), "SQLite format 3");
  EXPECT_EQ(freshet({"rooms", "backup", "copy.db"}).exit, kFailed);
}

INSTANTIATE_TEST_SUITE_P(Of, CliRooms, ::testing::Bool(),
                         [](const auto& about) { return about.param ? "AServer" : "TheStore"; });

}  // namespace
}  // namespace freshet::testing
