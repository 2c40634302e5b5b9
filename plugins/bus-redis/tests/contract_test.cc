// The promises that every bus makes: of the class, and of the plugin's file.
#include "bus-redis/tests/test_redis.h"
#include "freshet/testing/bus_contract.h"

namespace freshet::testing {

namespace {

template <class Open>
std::unique_ptr<OpenBus> opened(std::unique_ptr<Open> bus) {
  if (bus->ok()) return bus;
  ADD_FAILURE() << "cannot create the bus";
  return nullptr;
}

// `make` opens one with settings.
template <class Make>
BusFactory factory(const std::string& name, Make make) {
  const auto open = [=](const std::string& url, const std::string& place) {
    return opened(make([&](FakeHost& host) {
      host.set("url", url);
      host.set("cluster", place);
    }));
  };
  return {
      .name = name,
      .open =
          [=](const std::string& place) { return open(redis::TestRedis::shared().url(), place); },
      .open_down = [=] { return open("unix:/nowhere/at/all", "freshet"); }};
}

const auto kBuses =
    ::testing::Values(factory("class",
                              [](const auto& set_up) {
                                return std::make_unique<OpenPluginBus<redis::RedisBus>>(set_up);
                              }),
                      factory("file", [](const auto& set_up) {
                        return std::make_unique<OpenLibraryBus>(BUS_PLUGIN, set_up);
                      }));
constexpr auto kName = [](const ::testing::TestParamInfo<BusFactory>& info) {
  return info.param.name;
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Redis, BusContract, kBuses, kName);

}  // namespace freshet::testing
