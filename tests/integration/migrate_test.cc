// `freshet migrate pluv` as an operator has it. The states are Yjs' own: fixtures/pluv-states.json.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli_world.h"

namespace freshet::testing {
namespace {

using nlohmann::json;

// Of the app that is left.
class AppDatabase {
 public:
  AppDatabase(const TempFolder& folder, const char* schema) {
    EXPECT_EQ(sqlite3_open((folder.path() / "app.db").c_str(), &db_), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db_, schema, nullptr, nullptr, nullptr), SQLITE_OK);
  }
  ~AppDatabase() { sqlite3_close(db_); }
  AppDatabase(const AppDatabase&) = delete;
  AppDatabase& operator=(const AppDatabase&) = delete;

  // `insert` has two parameters; the state is bound by `type`.
  void put(const char* insert, const std::string& room, const std::string& state,
           int type = SQLITE_TEXT) {
    sqlite3_stmt* row = nullptr;
    ASSERT_EQ(sqlite3_prepare_v2(db_, insert, -1, &row, nullptr), SQLITE_OK);
    const int size = static_cast<int>(state.size());
    sqlite3_bind_text(row, 1, room.data(), static_cast<int>(room.size()), SQLITE_STATIC);
    if (type == SQLITE_TEXT) sqlite3_bind_text(row, 2, state.data(), size, SQLITE_STATIC);
    if (type == SQLITE_BLOB) sqlite3_bind_blob(row, 2, state.data(), size, SQLITE_STATIC);
    EXPECT_EQ(sqlite3_step(row), SQLITE_DONE);
    sqlite3_finalize(row);
  }

 private:
  sqlite3* db_ = nullptr;
};

// The same story, told to a server or to the store itself.
class Migration : public ::testing::TestWithParam<bool> {
 protected:
  Migration() {
    folder_.write("freshet.toml", kServer + kPlugins);
    std::ifstream file(std::getenv("FRESHET_FIXTURES") + std::string("/pluv-states.json"));
    states_ = json::parse(file);
  }

  void SetUp() override {
    if (!GetParam()) return;
    server_ = std::make_unique<Served>(folder_, std::vector<std::string>{"serve"});
    ASSERT_TRUE(server_->says("serves freshet.toml")) << server_->log();
  }

  Outcome freshet(const std::vector<std::string>& arguments) { return run(folder_, arguments); }

  Outcome migrate(std::vector<std::string> options) {
    options.insert(options.begin(), {"migrate", "pluv"});
    return freshet(options);
  }

  std::string state(const char* name) { return states_.at(name).at("state"); }

  void file(const std::string& name, const std::string& text) {
    std::filesystem::create_directory(folder_.path() / "states");
    folder_.write("states/" + name, text);
  }

  // What Yjs reads in the state is what the room has now, but for roots without content.
  void expect_room(const std::string& room, const char* name) {
    const Outcome exported = freshet({"rooms", "export", room, "--json"});
    ASSERT_EQ(exported.exit, kOk) << exported.err;
    json expected = states_.at(name).at("json"), got = json::parse(exported.out);
    for (json* roots : {&expected, &got}) {
      for (auto at = roots->begin(); at != roots->end();) {
        at = at->empty() || *at == "" ? roots->erase(at) : std::next(at);
      }
    }
    EXPECT_EQ(got, expected);
  }

  TempFolder folder_;
  json states_;
  std::unique_ptr<Served> server_;
};

constexpr char kIntoRoom[] = "INSERT INTO Room (name, storage) VALUES (?, ?)";
constexpr char kRoomTable[] =
    "CREATE TABLE Room (id INTEGER PRIMARY KEY, name TEXT UNIQUE, storage TEXT)";

std::string base64(const std::string& bytes) {
  constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t at = 0; at < bytes.size(); at += 3) {
    uint32_t group = 0;
    for (size_t i = 0; i < 3; ++i) {
      group = group << 8 | (at + i < bytes.size() ? static_cast<uint8_t>(bytes[at + i]) : 0u);
    }
    for (int i = 3; i >= 0; --i) out += kDigits[group >> (6 * i) & 63];
  }
  for (size_t i = 0; i < (3 - bytes.size() % 3) % 3; ++i) out[out.size() - 1 - i] = '=';
  return out;
}

TEST_P(Migration, SaysWhichRoomsNoClientWillOpen) {
  if (GetParam()) GTEST_SKIP() << "the manifest is another than the server's";
  folder_.write("freshet.toml", kServer + kPlugins +
                                    "[[plugin]]\nuse = \"protocol-pluv\"\n"
                                    "[plugin.settings]\nmessage_bytes = \"64 KiB\"\n");
  // One client, one struct: 60,000 letters in the root "t"; nothing deleted.
  const std::string start("\x01\x01\x01\x00\x04\x01\x01t\xe0\xd4\x03", 11);
  file("large", base64(start + std::string(60'000, 'x') + std::string(1, '\0')));
  file("small", state("every type"));
  const Outcome outcome = migrate({"--folder", "states"});
  EXPECT_EQ(outcome.exit, kOk) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("rooms migrated: 2 (")) << outcome.out;
  EXPECT_EQ(outcome.err,
            "states/large, room \"large\": a pluv client would upload it as 84112 bytes, and "
            "message_bytes of protocol-pluv is 65536: no client opens it unless that is raised\n");
}

TEST_P(Migration, BringsEveryRoomOfATableItFindsByItself) {
  AppDatabase app(folder_, kRoomTable);
  app.put(kIntoRoom, "plans/2026 \xc3\xa9", state("every type"));
  app.put(kIntoRoom, "edited", state("edited and deleted"));
  app.put(kIntoRoom, "deleted", state("all deleted"));
  app.put(kIntoRoom, "seeded", state("without content"));
  app.put(kIntoRoom, "never", "", SQLITE_NULL);
  const Outcome outcome = migrate({"--sqlite", "app.db"});
  EXPECT_EQ(outcome.exit, kOk) << outcome.err;
  EXPECT_TRUE(outcome.out.starts_with("rooms migrated: 3 (")) << outcome.out;
  EXPECT_TRUE(outcome.out.ends_with(" bytes); there already: 0; empty: 2; failed: 0\n"))
      << outcome.out;
  EXPECT_EQ(outcome.err, "");
  expect_room("plans/2026 \xc3\xa9", "every type");
  expect_room("edited", "edited and deleted");
  expect_room("deleted", "all deleted");
  EXPECT_EQ(freshet({"rooms", "show", "seeded"}).exit, 4);
}

TEST_P(Migration, ReadsWhatTheCloudflarePlatformKept) {
  AppDatabase app(folder_,
                  "CREATE TABLE __pluv_storage (room TEXT PRIMARY KEY, data TEXT);"
                  "CREATE TABLE __pluv_user (id TEXT, data TEXT, room TEXT);");
  app.put("INSERT INTO __pluv_storage VALUES (?, ?)", "a", state("every type"));
  EXPECT_EQ(migrate({"--sqlite", "app.db"}).exit, kOk);
  expect_room("a", "every type");
}

TEST_P(Migration, TakesBlobsAndTheNamesItIsTold) {
  AppDatabase app(folder_, "CREATE TABLE \"my \"\"docs\" (\"the key\" TEXT, body BLOB)");
  const std::string bytes("\x01\x01\x01\x00\x04\x01\x01t\x05hello\x00", 15);
  app.put("INSERT INTO \"my \"\"docs\" VALUES (?, ?)", "a", bytes, SQLITE_BLOB);
  const Outcome unasked = migrate({"--sqlite", "app.db"});
  EXPECT_EQ(unasked.exit, kFailed);
  EXPECT_EQ(unasked.err,
            "app.db: which table has the states? Say --table; there are: \"my \"\"docs\"\n");
  const Outcome half = migrate({"--sqlite", "app.db", "--table", "my \"docs"});
  EXPECT_EQ(half.exit, kFailed);
  EXPECT_NE(half.err.find("--room-column and --storage-column; there are: \"the key\", \"body\"\n"),
            std::string::npos)
      << half.err;
  const Outcome told = migrate({"--sqlite", "app.db", "--table", "my \"docs", "--room-column",
                                "the key", "--storage-column", "body"});
  EXPECT_EQ(told.exit, kOk) << told.err;
  EXPECT_EQ(freshet({"rooms", "export", "a", "--json"}).out, "{\"t\":\"hello\"}\n");
}

TEST_P(Migration, NamesEachStateItCannotTakeAndGoesOn) {
  AppDatabase app(folder_, kRoomTable);
  app.put(kIntoRoom, "prose", "no base64 at all");
  app.put(kIntoRoom, "garbage", "bm8gdXBkYXRl");
  app.put(kIntoRoom, "cut", state("every type").substr(0, 40));
  app.put(kIntoRoom, "", state("every type"));
  app.put(kIntoRoom, std::string(513, 'x'), state("every type"));
  app.put(kIntoRoom, "\xff", state("every type"));
  app.put(kIntoRoom, "good", state("every type"));
  const Outcome outcome = migrate({"--sqlite", "app.db"});
  EXPECT_EQ(outcome.exit, kFailed);
  EXPECT_NE(outcome.out.find("rooms migrated: 1 ("), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("; there already: 0; empty: 0; failed: 6\n"), std::string::npos);
  const std::string x(513, 'x');
  EXPECT_EQ(outcome.err,
            "row 1 of Room, room \"prose\": is not base64\n"
            "row 2 of Room, room \"garbage\": is no state of a Yjs document\n"
            "row 3 of Room, room \"cut\": is no state of a Yjs document\n"
            "row 4 of Room, room \"\": the room has no name\n"
            "row 5 of Room, room \"" +
                x +
                "\": the room's name is too long for a client: 513 bytes, and "
                "limits.room_name_bytes is 512\n"
                "row 6 of Room, room \"\\xff\": the room's name is not UTF-8\n");
  expect_room("good", "every type");
  const std::string list = freshet({"rooms", "list"}).out;
  EXPECT_EQ(std::count(list.begin(), list.end(), '\n'), 1) << list;
}

TEST_P(Migration, ReadsAFolderOfFilesNamedByRoom) {
  file("plans%2F2026 \xc3\xa9", state("every type"));
  file("wrapped", state("edited and deleted").insert(76, "\n") + "\r\n");
  file("empty", "");
  file(".DS_Store", "of no interest");
  file("100%", state("every type"));
  std::filesystem::create_directory(folder_.path() / "states" / "older");
  const Outcome outcome = migrate({"--folder", "states"});
  EXPECT_EQ(outcome.exit, kFailed);
  EXPECT_TRUE(outcome.out.ends_with("; there already: 0; empty: 1; failed: 1\n")) << outcome.out;
  EXPECT_NE(outcome.err.find("states/older, room \"older\": cannot be read"), std::string::npos);
  expect_room("plans/2026 \xc3\xa9", "every type");
  expect_room("wrapped", "edited and deleted");
  expect_room("100%", "every type");
}

TEST_P(Migration, LeavesRoomsAsTheyAreUnlessToldToReplaceThem) {
  file("a", state("every type"));
  ASSERT_EQ(migrate({"--folder", "states"}).exit, kOk);
  file("a", state("edited and deleted"));
  file("b", state("edited and deleted"));
  const Outcome kept = migrate({"--folder", "states"});
  EXPECT_EQ(kept.exit, kOk);
  EXPECT_NE(kept.out.find("rooms migrated: 1 ("), std::string::npos);
  EXPECT_NE(kept.out.find("; there already: 1; "), std::string::npos) << kept.out;
  EXPECT_EQ(kept.err, "rooms that are there stay as they are: --overwrite replaces them\n");
  expect_room("a", "every type");
  const Outcome replaced = migrate({"--folder", "states", "--overwrite"});
  EXPECT_NE(replaced.out.find("rooms migrated: 2 ("), std::string::npos) << replaced.out;
  expect_room("a", "edited and deleted");
}

TEST_P(Migration, StoresNothingInADryRunAndFindsTheSameFaults) {
  file("a", state("every type"));
  file("b", "bm8gdXBkYXRl");
  const Outcome outcome = migrate({"--folder", "states", "--dry-run"});
  EXPECT_EQ(outcome.exit, kFailed);
  EXPECT_NE(outcome.out.find("rooms to migrate: 1 ("), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.err.find("room \"b\": is no state of a Yjs document\n"), std::string::npos);
  EXPECT_EQ(freshet({"rooms", "list"}).out, "");
}

TEST_P(Migration, TakesAStateThatWaitsForMoreAndSaysSo) {
  file("a", state("incomplete"));
  const Outcome outcome = migrate({"--folder", "states"});
  EXPECT_EQ(outcome.exit, kOk);
  EXPECT_NE(outcome.err.find("room \"a\": parts of it wait for edits that are not in it"),
            std::string::npos)
      << outcome.err;
  EXPECT_EQ(freshet({"rooms", "show", "a"}).exit, kOk);
}

TEST_P(Migration, SaysHowFarItIsOnALongWay) {
  const AppDatabase app(folder_,
                        "CREATE TABLE rooms (name TEXT, state TEXT);"
                        "WITH RECURSIVE n(i) AS (VALUES(1) UNION ALL SELECT i + 1 FROM n)"
                        "INSERT INTO rooms SELECT 'r' || i, 'AAA=' FROM n LIMIT 2100");
  const Outcome outcome = migrate({"--sqlite", "app.db"});
  EXPECT_EQ(outcome.err, "1000 states read\n2000 states read\n");
  EXPECT_TRUE(outcome.out.ends_with("; empty: 2100; failed: 0\n")) << outcome.out;
}

TEST_P(Migration, NeedsASourceThatIsThere) {
  const std::vector<std::string> wrong[] = {
      {}, {"--sqlite", "a", "--folder", "b"}, {"--folder", "b", "--table", "t"}};
  for (const auto& options : wrong) EXPECT_EQ(migrate(options).exit, kUsage);
  EXPECT_EQ(migrate({"--sqlite", "none.db"}).err, "none.db: unable to open database file\n");
  EXPECT_EQ(migrate({"--folder", "none"}).exit, kFailed);
  folder_.write("notes.txt", "these are notes, and no database");
  EXPECT_EQ(migrate({"--sqlite", "notes.txt"}).err, "notes.txt: file is not a database\n");
  std::filesystem::create_directory(folder_.path() / "states");
  EXPECT_EQ(migrate({"--folder", "states", "-m", "none.toml"}).exit, kManifest);
}

INSTANTIATE_TEST_SUITE_P(Into, Migration, ::testing::Bool(),
                         [](const auto& about) { return about.param ? "AServer" : "TheStore"; });

TEST(MigrationOfAHeldStore, IsRefused) {
  TempFolder folder;
  std::string manifest = kServer + kPlugins;
  manifest.erase(manifest.find("admin"), manifest.find("[[plugin]]") - manifest.find("admin"));
  folder.write("freshet.toml", manifest);
  Served server(folder, {"serve"});
  ASSERT_TRUE(server.says("serves freshet.toml")) << server.log();
  std::filesystem::create_directory(folder.path() / "states");
  EXPECT_EQ(run(folder, {"migrate", "pluv", "--folder", "states"}).exit, kBusy);
}

}  // namespace
}  // namespace freshet::testing
