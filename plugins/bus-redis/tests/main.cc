#include <gtest/gtest.h>

#include <cstdio>

#include "bus-redis/tests/test_redis.h"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (!freshet::redis::TestRedis::installed()) {
    std::puts("skipped: no Redis server is installed here, only its client library");
    return 77;
  }
  return RUN_ALL_TESTS();
}
