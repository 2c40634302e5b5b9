// What a start refuses, what it takes, and what it says.
#include <gtest/gtest.h>

#include "store-postgres/bus/tests/test_bus.h"

namespace freshet::postgres {

namespace {

TestServer& server() { return TestServer::shared(); }

// In a database of its own; `how`: what ALTER DATABASE says of it.
std::string url_of_another(const std::string& how = "CONNECTION LIMIT -1") {
  static int count = 0;
  const std::string database = "another" + std::to_string(++count);
  server().ask("CREATE DATABASE " + database);
  server().ask("ALTER DATABASE " + database + " " + how);
  std::string url = server().url();
  return url.replace(url.find("dbname=postgres"), 15, "dbname=" + database);
}

}  // namespace

// As where a pooler keeps for others what is said on the connection that listens.
TEST(PostgresBusStart, RefusesWhereItDoesNotHearItself) {
  TestBus bus({.listen_url = url_of_another()});
  EXPECT_EQ(bus->start(), Status::unsupported);
  EXPECT_TRUE(bus.host().logged("a pooler stands between")) << bus.host().log();
  EXPECT_TRUE(bus.host().logged("Set listen_url to the address of the database itself"));
}

TEST(PostgresBusStart, ListensByAWayOfItsOwn) {
  TestBus bus({.listen_url = server().url() + " application_name=ear"}), other({});
  ASSERT_EQ(bus->start(), Status::ok);
  ASSERT_EQ(other->start(), Status::ok);
  EXPECT_EQ(server().ask("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ear'"),
            "1");
  ASSERT_EQ(bus->subscribe("r"), Status::ok);
  ASSERT_EQ(other->publish("r", "x"), Status::ok);
  EXPECT_EQ(bus->wait_heard("r", 1), Messages{"x"});
}

TEST(PostgresBusStart, ClustersAndSchemasOfOneDatabaseDoNotHearEachOther) {
  TestBus north({.cluster = "north"}), south({.cluster = "south"}), third({.schema = "third"});
  // What would be equal if one were only written behind the other.
  TestBus ab_c({.schema = "ab", .cluster = "c"}), a_bc({.schema = "a", .cluster = "bc"});
  TestBus* const all[] = {&north, &south, &third, &ab_c, &a_bc};
  for (TestBus* each : all) {
    ASSERT_EQ((*each)->start(), Status::ok);
    ASSERT_EQ((*each)->subscribe("r"), Status::ok);
  }
  for (TestBus* each : all) {
    TestBus peer({.schema = each->host().host().text("schema").data(),
                  .cluster = each->host().host().text("cluster").data()});
    ASSERT_EQ(peer->start(), Status::ok);
    const std::string mark = (*each)->traits().place.data();
    ASSERT_EQ(peer->publish("r", mark), Status::ok);
    EXPECT_EQ((*each)->wait_heard("r", 1), Messages{mark});
  }
  for (TestBus* each : all) EXPECT_EQ((*each)->heard("r").size(), 1u);
}

TEST(PostgresBusStart, AStoreMakesItsSchemaAroundTheTableOfABus) {
  const std::string schema = new_schema();
  server().ask("CREATE SCHEMA \"" + schema + "\"");
  TestBus ann({.schema = schema}), bob({.schema = schema});
  ASSERT_EQ(ann->start(), Status::ok);
  ASSERT_EQ(bob->start(), Status::ok);
  ASSERT_EQ(ann->subscribe("r"), Status::ok);
  const std::string large(100'000, 'x');
  ASSERT_EQ(bob->publish("r", large), Status::ok);
  EXPECT_EQ(ann->wait_heard("r", 1), Messages{large});
  EXPECT_TRUE(TestStore({.schema = schema}).is_open());
  ASSERT_EQ(bob->publish("r", large), Status::ok);
  EXPECT_EQ(ann->wait_heard("r", 2).size(), 2u);
}

TEST(PostgresBusStart, WithoutASchemaSmallMessagesGoAndLargeOnesOnceItIsThere) {
  const std::string schema = new_schema(), large(100'000, 'x');
  TestBus ann({.schema = schema}), bob({.schema = schema});
  ASSERT_EQ(ann->start(), Status::ok);
  ASSERT_EQ(bob->start(), Status::ok);
  ASSERT_EQ(ann->subscribe("r"), Status::ok);
  ASSERT_EQ(bob->publish("r", large), Status::ok);
  ASSERT_EQ(bob->publish("r", "small"), Status::ok);
  EXPECT_EQ(ann->wait_heard("r", 1), Messages{"small"});
  EXPECT_EQ(bob.metric("dropped_total"), 1);
  EXPECT_TRUE(bob.host().logged("the store has not made its schema yet")) << bob.host().log();
  ASSERT_TRUE(TestStore({.schema = schema}).is_open());
  EXPECT_TRUE(flows(*bob, *ann, "r"));
  EXPECT_TRUE(comes_true([&] {
    static_cast<void>(bob->publish("r", large));
    const Messages heard = ann->heard("r");
    return std::ranges::find(heard, large) != heard.end();
  }));
}

TEST(PostgresBusStart, GoesOnWhereNobodyAnswersAndSaysNoPassword) {
  TestBus bus({.url = "postgresql://ada:s3cret@127.0.0.1:1/documents"});
  ASSERT_EQ(bus->start(), Status::ok);
  EXPECT_TRUE(bus.host().logged("the database cannot be reached"));
  EXPECT_TRUE(bus.host().logged("127.0.0.1:1, database documents, user ada"));
  EXPECT_FALSE(bus.host().logged("s3cret")) << bus.host().log();
  EXPECT_EQ(bus.metric("connected"), 0);
  EXPECT_EQ(std::string(bus->traits().place).find("s3cret"), std::string::npos);
}

TEST(PostgresBusStart, GoesOnWhereNothingCanBeWritten) {
  TestBus bus({.url = url_of_another("SET default_transaction_read_only = on")});
  ASSERT_EQ(bus->start(), Status::ok);
  EXPECT_TRUE(bus.host().logged("read-only")) << bus.host().log();
  EXPECT_EQ(bus->publish("r", "x"), Status::retry);
}

TEST(PostgresBusStart, RefusesBadSettingsWithTheirKeys) {
  const auto refused = [](const TestBus::Setting& setting, std::string_view words) {
    const TestBus bus(setting);
    EXPECT_TRUE(bus.host().logged(words)) << bus.host().log();
  };
  refused({.url = ""}, "url: it is empty");
  refused({.listen_url = "postgresql://ada:s3c@ret@h/d"}, "listen_url: has an @, a / or a :");
  refused({.schema = "pg_mine"}, "schema: must not begin with pg_");
  refused({.cluster = ""}, "cluster: is empty");
}

}  // namespace freshet::postgres
