// What stops a start, and what its error says.
#include <gtest/gtest.h>

#include <thread>

#include "store-postgres/tests/test_server.h"

namespace freshet::postgres {

namespace {

TestServer& server() { return TestServer::shared(); }

void expect_refusal(const TestStore& store, std::string_view words) {
  EXPECT_FALSE(store.is_open());
  EXPECT_TRUE(store.host().logged(words)) << store.host().log();
}

}  // namespace

TEST(PostgresStart, RefusesAnotherCluster) {
  const std::string schema = new_schema();
  ASSERT_TRUE(TestStore({.schema = schema, .cluster = "north"}).is_open());
  EXPECT_TRUE(TestStore({.schema = schema, .cluster = "north"}).is_open());
  expect_refusal(TestStore({.schema = schema, .cluster = "south"}),
                 "belongs to the cluster \"north\", and the manifest says cluster = \"south\"");
}

TEST(PostgresStart, RefusesANewerSchema) {
  const std::string schema = new_schema();
  ASSERT_TRUE(TestStore({.schema = schema}).is_open());
  server().ask("UPDATE \"" + schema + "\".meta SET version = 99, oldest = 1");
  EXPECT_TRUE(TestStore({.schema = schema}).is_open()) << "one that this version can use";
  server().ask("UPDATE \"" + schema + "\".meta SET oldest = 99");
  expect_refusal(TestStore({.schema = schema}), "is of version 99, and this Freshet knows 4");
}

TEST(PostgresStart, BringsAnOlderSchemaUpToDate) {
  const std::string schema = new_schema();
  const std::string tables = "\"" + schema + "\".";
  {
    TestStore store({.schema = schema});
    ASSERT_TRUE(store.is_open());
  }
  server().ask("DROP TABLE " + tables + "ended");
  server().ask("DROP TABLE " + tables + "kept");
  server().ask("DROP SEQUENCE " + tables + "kept_versions");
  server().ask("ALTER TABLE " + tables + "meta DROP COLUMN history");
  for (const char* of : {"seq", "run", "shard", "number"}) {
    server().ask("ALTER TABLE " + tables + "rooms DROP COLUMN folded_" + of);
  }
  server().ask("UPDATE " + tables + "meta SET version = 1, oldest = 1");
  TestStore store({.schema = schema});
  ASSERT_TRUE(store.is_open());
  EXPECT_TRUE(store.host().logged("brought from version 1 to 4")) << store.host().log();
  EXPECT_EQ(server().ask("SELECT version || ' ' || oldest FROM " + tables + "meta"), "4 2");
  EXPECT_EQ(server().ask("SELECT count(*) FROM " + tables + "ended"), "0");
  EXPECT_EQ(server().ask("SELECT count(*) FROM " + tables + "kept"), "0");
}

TEST(PostgresStart, RefusesTablesOfOthers) {
  const std::string schema = new_schema();
  server().ask("CREATE SCHEMA \"" + schema + "\"");
  server().ask("CREATE TABLE \"" + schema + "\".rooms(beds int)");
  expect_refusal(TestStore({.schema = schema}), "holds a table \"rooms\" that is not Freshet's");
  server().ask("CREATE TABLE \"" + schema + "\".meta(version bigint)");
  expect_refusal(TestStore({.schema = schema}), "holds a table \"meta\" that is not Freshet's");
}

TEST(PostgresStart, TakesASchemaThatIsThereAndEmpty) {
  const std::string schema = new_schema();
  server().ask("CREATE SCHEMA \"" + schema + "\"");
  EXPECT_TRUE(TestStore({.schema = schema}).is_open());
}

TEST(PostgresStart, OfTwoThatStartTogetherOneMakesTheSchema) {
  for (int round = 0; round < 5; ++round) {
    const std::string schema = new_schema();
    bool opened[4] = {};
    std::vector<std::thread> nodes;
    for (bool& each : opened) {
      nodes.emplace_back([&each, schema] { each = TestStore({.schema = schema}).is_open(); });
    }
    for (std::thread& node : nodes) node.join();
    for (const bool each : opened) EXPECT_TRUE(each);
  }
}

TEST(PostgresStart, RefusesADatabaseThatTakesNoWrites) {
  server().ask("CREATE DATABASE frozen");
  server().ask("ALTER DATABASE frozen SET default_transaction_read_only = on");
  std::string url = server().url();
  url.replace(url.find("dbname=postgres"), 15, "dbname=frozen");
  expect_refusal(TestStore({.url = url}), "read-only");
  expect_refusal(TestStore({.url = url + " target_session_attrs=any"}),
                 "takes no writes: name the primary in url");
}

TEST(PostgresStart, RefusesAUserWithoutRights) {
  server().ask("CREATE ROLE guest LOGIN");
  std::string url = server().url();
  url.replace(url.find("user=freshet"), 12, "user=guest");
  expect_refusal(TestStore({.url = url, .schema = new_schema()}), "this user lacks rights");
}

TEST(PostgresStart, SaysWhereNobodyAnswersButNoPassword) {
  const TestStore store({.url = "postgresql://ada:s3cret@127.0.0.1:1/documents"});
  expect_refusal(store, "the database cannot be reached");
  EXPECT_TRUE(store.host().logged("127.0.0.1:1, database documents, user ada"));
  EXPECT_FALSE(store.host().logged("s3cret"));
}

TEST(PostgresStart, TellsOfABadUrlWithoutRepeatingIt) {
  const TestStore store({.url = "postgresql://ada:s3c ret%zz@h/d"});
  expect_refusal(store, "url: is neither");
  EXPECT_FALSE(store.host().logged("s3c"));
  for (const char* url : {"postgresql://ada:s3c@ret@h/d", "postgresql://ada:s3c/ret@h/d",
                          "postgresql://ada:4/s3c@h/d", "postgresql://ada:s3c/@h:5/d"}) {
    const TestStore torn({.url = url});
    expect_refusal(torn, "url: has an @, a / or a : in its user or password");
    EXPECT_FALSE(torn.host().logged("s3c")) << torn.host().log();
  }
  expect_refusal(TestStore({.url = ""}), "url: it is empty");
  expect_refusal(TestStore({.schema = "pg_mine"}), "must not begin with pg_");
}

}  // namespace freshet::postgres
