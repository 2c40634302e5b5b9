// The promises that every bus makes: of the class, and of the plugin's file.
#include "freshet/testing/bus_contract.h"
#include "store-postgres/bus/tests/test_bus.h"

namespace freshet::testing {

namespace {

using postgres::PostgresBus;
using postgres::TestServer;

auto settings_of_place(const std::string& url, const std::string& place) {
  return [=](FakeHost& host) {
    host.set("url", url);
    host.set("schema", "contract");
    host.set("cluster", place);
  };
}

// Where large messages go; as the store makes it.
const std::string& url_with_schema() {
  static const std::string url = [] {
    TestServer::shared().ask("CREATE SCHEMA contract");
    return TestServer::shared().url();
  }();
  return url;
}

template <class Open>
std::unique_ptr<OpenBus> opened(std::unique_ptr<Open> bus) {
  if (bus->ok()) return bus;
  ADD_FAILURE() << "cannot create the bus";
  return nullptr;
}

BusFactory of_class() {
  const auto open = [](const std::string& url, const std::string& place) {
    return opened(std::make_unique<OpenPluginBus<PostgresBus>>(settings_of_place(url, place)));
  };
  return {.name = "class",
          .open = [=](const std::string& place) { return open(url_with_schema(), place); },
          .open_down = [=] { return open("host=/nowhere/at/all", "freshet"); }};
}

BusFactory of_file() {
  const auto open = [](const std::string& url, const std::string& place) {
    return opened(std::make_unique<OpenLibraryBus>(BUS_PLUGIN, settings_of_place(url, place)));
  };
  return {.name = "file",
          .open = [=](const std::string& place) { return open(url_with_schema(), place); },
          .open_down = [=] { return open("host=/nowhere/at/all", "freshet"); }};
}

constexpr auto kName = [](const ::testing::TestParamInfo<BusFactory>& info) {
  return info.param.name;
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Postgres, BusContract, ::testing::Values(of_class(), of_file()), kName);

}  // namespace freshet::testing
