// The plugins that need a database, with one.
#include <cstdlib>
#include <string>

#include "store-postgres/tests/test_server.h"

namespace freshet::postgres {
namespace {

int check(const std::string& plugin, const std::string& more = {}) {
  const std::string file = PLUGINS "/" + plugin + "/" + plugin + ".so";
  const std::string command = std::string(CHECKER) + " " + file +
                              " --reproduce 1 --set 'url=" + TestServer::shared().url() + "'" +
                              more;
  return std::system(command.c_str());
}

TEST(PluginCheckOnPostgres, TheStorePasses) { EXPECT_EQ(check("store-postgres"), 0); }

// Large messages lie in the schema of a store, which is there before.
TEST(PluginCheckOnPostgres, TheBusPasses) {
  const TestStore store(TestStore::Setting{.schema = "freshet"});
  ASSERT_TRUE(store.is_open()) << store.host().log();
  EXPECT_EQ(check("bus-postgres", " --set schema=freshet --set 'cluster={place}'"), 0);
}

}  // namespace
}  // namespace freshet::postgres
