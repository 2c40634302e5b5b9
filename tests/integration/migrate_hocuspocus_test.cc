// `freshet migrate hocuspocus` as an operator has it. fixtures/hocuspocus.db is what
// @hocuspocus/extension-sqlite wrote.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>

#include "cli_world.h"

namespace freshet::testing {
namespace {

class HocuspocusMigration : public Cli {
 protected:
  HocuspocusMigration() {
    std::filesystem::copy_file(std::getenv("FRESHET_FIXTURES") + std::string("/hocuspocus.db"),
                               file());
  }

  std::filesystem::path file() const { return folder_.path() / "documents.db"; }

  // As its extension would, with a row that no document of it has.
  void put(const std::string& name, const std::string& bytes) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &db), SQLITE_OK);
    sqlite3_stmt* row = nullptr;
    ASSERT_EQ(sqlite3_prepare_v2(db,
                                 "INSERT INTO documents (name, data) VALUES (?1, ?2) "
                                 "ON CONFLICT(name) DO UPDATE SET data = ?2",
                                 -1, &row, nullptr),
              SQLITE_OK);
    sqlite3_bind_text(row, 1, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
    sqlite3_bind_blob(row, 2, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
    EXPECT_EQ(sqlite3_step(row), SQLITE_DONE);
    sqlite3_finalize(row);
    sqlite3_close(db);
  }

  Outcome migrate(std::vector<std::string> options = {}) {
    options.insert(options.begin(), {"migrate", "hocuspocus", "documents.db"});
    return freshet(options);
  }

  std::string content(const std::string& room) {
    const Outcome exported = freshet({"rooms", "export", room, "--json"});
    EXPECT_EQ(exported.exit, kOk) << exported.err;
    return exported.out;
  }

  std::string import_update(const std::string& room, const std::string& update) {
    folder_.write("update", update);
    return freshet({"rooms", "import", room, "update", "--yes"}).err;
  }
};

// "hello", and then " you" behind it, by the same client.
const std::string kLonger("\x01\x01\x01\x00\x04\x01\x01t\x09hello you\x00", 19);

TEST_F(HocuspocusMigration, BringsEveryDocumentAndItsDeletions) {
  const Outcome outcome = migrate();
  EXPECT_EQ(outcome.exit, kOk) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_TRUE(outcome.out.starts_with("rooms migrated: 3 (")) << outcome.out;
  EXPECT_TRUE(outcome.out.ends_with(" bytes); there already: 0; empty: 1; failed: 0\n"))
      << outcome.out;
  EXPECT_EQ(content("plans/2026 \xc3\xa9"),
            "{\"default\":\"<heading level=\\\"1\\\">Plans</heading>"
            "<paragraph>Gr\xc3\xbc\xc3\x9f"
            "e <bold>fett</bold></paragraph>\"}\n");
  EXPECT_EQ(content("edited"), "{\"t\":\"a  goes\"}\n");
  // All of it is deleted, which a client that was offline has to be told: so it is a room.
  EXPECT_EQ(freshet({"rooms", "show", "emptied"}).exit, kOk);
  EXPECT_EQ(freshet({"rooms", "show", "opened"}).exit, kNotFound);
}

TEST_F(HocuspocusMigration, RunAgainPassesOverWhatItHasBrought) {
  ASSERT_EQ(migrate().exit, kOk);
  put("later", kUpdate);
  const Outcome again = migrate();
  EXPECT_EQ(again.exit, kOk) << again.err;
  EXPECT_EQ(again.err, "");
  EXPECT_TRUE(again.out.starts_with("rooms migrated: 1 (15 bytes); there already: 3;"))
      << again.out;
}

TEST_F(HocuspocusMigration, SaysWhatDiffersAndReplacesItWhenAsked) {
  put("edited here", kUpdate);
  put("edited there", kLonger);
  put("parted", kUpdate);
  ASSERT_EQ(import_update("edited here", kLonger), "");
  ASSERT_EQ(import_update("edited there", kUpdate), "");
  std::string another = kUpdate;
  another[2] = 2;  // another client's
  ASSERT_EQ(import_update("parted", another), "");
  const Outcome kept = migrate();
  EXPECT_EQ(kept.exit, kFailed);
  EXPECT_EQ(kept.err,
            "row 5 of documents, room \"edited here\": is there, and has been edited here since: "
            "it stays; --overwrite replaces it\n"
            "row 6 of documents, room \"edited there\": is there, and lacks edits of this state: "
            "it stays; --overwrite replaces it\n"
            "row 7 of documents, room \"parted\": is there, and has other content: it stays; "
            "--overwrite replaces it\n");
  EXPECT_TRUE(kept.out.ends_with("; there already: 0; empty: 1; failed: 3\n")) << kept.out;
  EXPECT_EQ(content("edited here"), "{\"t\":\"hello you\"}\n");
  const Outcome replaced = migrate({"--overwrite"});
  EXPECT_EQ(replaced.exit, kOk) << replaced.err;
  EXPECT_TRUE(replaced.out.starts_with("rooms migrated: 3 (")) << replaced.out;
  EXPECT_EQ(content("edited here"), "{\"t\":\"hello\"}\n");
  EXPECT_EQ(content("edited there"), "{\"t\":\"hello you\"}\n");
}

TEST_F(HocuspocusMigration, NamesEachRowItCannotTakeAndGoesOn) {
  put("garbage", "no update");
  put("cut", kUpdate.substr(0, 9));
  put("", kUpdate);
  put("two\nlines", kUpdate);
  put(std::string(513, 'x'), kUpdate);
  put("zero bytes", "");
  put("good", kUpdate);
  const Outcome outcome = migrate();
  EXPECT_EQ(outcome.exit, kFailed);
  EXPECT_TRUE(outcome.out.ends_with("; there already: 0; empty: 2; failed: 5\n")) << outcome.out;
  for (const char* line :
       {"room \"garbage\": is no state of a Yjs document\n",
        "room \"cut\": is no state of a Yjs document\n", "room \"\": the room has no name\n",
        "room \"two\\nlines\": the room's name ",
        "513 bytes, and limits.room_name_bytes is 512\n"}) {
    EXPECT_NE(outcome.err.find(line), std::string::npos) << line << outcome.err;
  }
  EXPECT_EQ(content("good"), "{\"t\":\"hello\"}\n");
}

TEST_F(HocuspocusMigration, NamesADocumentThatIsTooLargeForTheServer) {
  folder_.write(
      "freshet.toml",
      kServer + "[limits]\ndocument_bytes = \"64 KiB\"\nupdate_bytes = \"64 KiB\"\n" + kPlugins);
  // One client, one struct: 100,000 letters in the root "t"; nothing deleted.
  const std::string start("\x01\x01\x01\x00\x04\x01\x01t\xa0\x8d\x06", 11);
  put("large", start + std::string(100'000, 'x') + std::string(1, '\0'));
  const Outcome outcome = migrate();
  EXPECT_EQ(outcome.exit, kFailed);
  EXPECT_TRUE(outcome.out.starts_with("rooms migrated: 3 (")) << outcome.out;
  EXPECT_NE(outcome.err.find("room \"large\": takes 1"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("limits.document_bytes is 65536\n"), std::string::npos) << outcome.err;
  EXPECT_EQ(freshet({"rooms", "show", "large"}).exit, kNotFound);
}

TEST_F(HocuspocusMigration, StoresNothingInADryRun) {
  put("garbage", "no update");
  const Outcome outcome = migrate({"--dry-run"});
  EXPECT_EQ(outcome.exit, kFailed);
  EXPECT_TRUE(outcome.out.starts_with("rooms to migrate: 3 (")) << outcome.out;
  EXPECT_EQ(freshet({"rooms", "list"}).out, "");
}

TEST_F(HocuspocusMigration, LeavesTheSourceAsItIsAlsoWhenItMayBeWritten) {
  const auto before = std::filesystem::last_write_time(file());
  ASSERT_EQ(migrate().exit, kOk);
  EXPECT_EQ(std::filesystem::last_write_time(file()), before);
  std::filesystem::permissions(file(), std::filesystem::perms::owner_read);
  EXPECT_EQ(migrate().exit, kOk);
}

TEST_F(HocuspocusMigration, IsRefusedWhileAServerHasTheStore) {
  Served server(folder_, {"serve"});
  ASSERT_TRUE(server.says("serves freshet.toml")) << server.log();
  const Outcome outcome = migrate();
  EXPECT_EQ(outcome.exit, kBusy) << outcome.err;
}

TEST_F(HocuspocusMigration, NeedsADatabaseOfTheExtension) {
  EXPECT_EQ(freshet({"migrate", "hocuspocus"}).exit, kUsage);
  EXPECT_EQ(freshet({"migrate", "hocuspocus", "none.db"}).err,
            "none.db: unable to open database file\n");
  folder_.write("notes.txt", "these are notes, and no database");
  EXPECT_EQ(freshet({"migrate", "hocuspocus", "notes.txt"}).err,
            "notes.txt: file is not a database\n");
  const Outcome told = migrate({"--table", "docs"});
  EXPECT_EQ(told.exit, kFailed);
  EXPECT_EQ(told.err,
            "documents.db: which table has the states? Say --table; there are: \"documents\"\n");
}

}  // namespace
}  // namespace freshet::testing
