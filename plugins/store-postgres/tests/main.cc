#include <gtest/gtest.h>

#include <cstdio>

#include "store-postgres/tests/test_server.h"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  if (!freshet::postgres::TestServer::installed()) {
    std::puts("skipped: no PostgreSQL server is installed here, only its client library");
    return 77;
  }
  return RUN_ALL_TESTS();
}
