// The plugins that need a database, with one.
#include <cstdlib>
#include <string>

#include "store-postgres/tests/test_server.h"

namespace freshet::postgres {
namespace {

int check(const std::string& plugin) {
  const std::string file = PLUGINS "/" + plugin + "/" + plugin + ".so";
  const std::string command = std::string(CHECKER) + " " + file +
                              " --reproduce 1 --set 'url=" + TestServer::shared().url() + "'";
  return std::system(command.c_str());
}

TEST(PluginCheckOnPostgres, TheStorePasses) { EXPECT_EQ(check("store-postgres"), 0); }
TEST(PluginCheckOnPostgres, TheBusPasses) { EXPECT_EQ(check("bus-postgres"), 0); }

}  // namespace
}  // namespace freshet::postgres
