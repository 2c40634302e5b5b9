// The bus that needs a Redis, with one.
#include <cstdlib>
#include <string>

#include "bus-redis/tests/test_redis.h"

namespace freshet::redis {
namespace {

TEST(PluginCheckOnRedis, TheBusPasses) {
  const std::string command = CHECKER " " PLUGINS
                                      "/bus-redis/bus-redis.so --reproduce 1 --set url=" +
                              TestRedis::shared().url();
  EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace freshet::redis
