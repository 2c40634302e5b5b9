// The promises of a bus that the SDK has for authors, tried on the plugin's file.
#include "core/check/tests/opened.h"
#include "freshet/testing/bus_contract.h"

namespace freshet::testing {
namespace {

class OpenBusInstance final : public OpenBus {
 public:
  explicit OpenBusInstance(const check::Place& place) : instance_(check::Trial::here(), place) {}
  check::Instance& plugin() { return instance_; }
  const freshet_bus* table() const override { return instance_.service<freshet_bus>(); }

 private:
  mutable check::Instance instance_;
};

BusFactory checked_bus() {
  return {.name = "it",
          .open = [](const std::string& place) -> std::unique_ptr<OpenBus> {
            auto out = std::make_unique<OpenBusInstance>(check::Trial::here().place(place));
            if (out->plugin().ok()) return out;
            ADD_FAILURE() << out->plugin().why();
            return nullptr;
          },
          .open_down = nullptr};
}

constexpr auto kBusName = [](const ::testing::TestParamInfo<BusFactory>& info) {
  return info.param.name;
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Plugin, BusContract, ::testing::Values(checked_bus()), kBusName);

}  // namespace freshet::testing
