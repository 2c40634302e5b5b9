// Nodes on a bus of a PostgreSQL server, for the tests.
#pragma once

#include <memory>
#include <string>

#include "freshet/testing/bus_caller.h"
#include "store-postgres/bus/postgres_bus.h"
#include "store-postgres/tests/test_server.h"

namespace freshet::postgres {

using testing::BusCaller;
using testing::comes_true;
using testing::flows;
using Messages = BusCaller::Messages;

class TestBus : public testing::CalledBus<PostgresBus> {
 public:
  struct Setting {
    std::string url = TestServer::shared().url();
    std::string listen_url = "";
    std::string schema = "freshet";
    std::string cluster = "freshet";
  };

  explicit TestBus(const Setting& setting)
      : CalledBus([&](FakeHost& host) {
          host.set("url", setting.url);
          host.set("listen_url", setting.listen_url);
          host.set("schema", setting.schema);
          host.set("cluster", setting.cluster);
        }) {}
};

}  // namespace freshet::postgres
