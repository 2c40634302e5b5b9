// The simulated store that many share keeps what every such store promises.
#include "freshet/testing/cluster_contract.h"

#include "sim/platform/sim_platform.h"
#include "sim/plugins/sim_store.h"

namespace freshet::sim {
namespace {

constexpr uint64_t kAnswersWithinUs = 500 * kMs;

// What is open in one directory: a disk, and the time that passes there.
struct Place {
  Scene scene{1, false};
  SimDisk disk;
};

// A table before another: time passes after each call, until it is answered.
template <auto kCall>
struct Waits;
template <class... Arguments, void (*freshet_store::*kCall)(void*, Arguments...)>
struct Waits<kCall> {
  static void call(void* self, Arguments... arguments);
};

class OpenSimStore final : public testing::OpenStore {
 public:
  explicit OpenSimStore(Place& place)
      : place_(place),
        platform_(place.scene, 1),
        store_(place.scene, place.disk, platform_, Plant::none, Sharing::shared) {
    store_.expect_conflicts();
    table_.size = sizeof(table_);
    table_.self = this;
    wait<&freshet_store::load, &freshet_store::append, &freshet_store::replace, &freshet_store::put,
         &freshet_store::erase, &freshet_store::list, &freshet_store::info, &freshet_store::check,
         &freshet_store::tail, &freshet_store::heads, &freshet_store::node_beat,
         &freshet_store::node_end, &freshet_store::rooms_open, &freshet_store::rooms_close,
         &freshet_store::room_nodes, &freshet_store::notices, &freshet_store::notice_remove,
         &freshet_store::claim, &freshet_store::fold, &freshet_store::new_history>();
  }
  const freshet_store* table() const override { return &table_; }
  const freshet_store& real() const { return *store_.table(); }
  void pass() {
    place_.scene.timeline.run_until(place_.scene.timeline.now_us() + kAnswersWithinUs);
  }

 private:
  template <auto... kCalls>
  void wait() {
    ((table_.*kCalls = Waits<kCalls>::call), ...);
  }

  Place& place_;
  SimPlatform platform_;
  SimStore store_;
  freshet_store table_{};
};

template <class... Arguments, void (*freshet_store::*kCall)(void*, Arguments...)>
void Waits<kCall>::call(void* self, Arguments... arguments) {
  auto& open = *static_cast<OpenSimStore*>(self);
  (open.real().*kCall)(open.real().self, arguments...);
  open.pass();
}

testing::StoreFactory factory() {
  return {"sim", testing::Durability::none,
          [](const std::filesystem::path& directory, const std::filesystem::path&) {
            static std::map<std::filesystem::path, Place> places;
            return std::make_unique<OpenSimStore>(places[directory]);
          },
          nullptr};
}

}  // namespace
}  // namespace freshet::sim

namespace freshet::testing {

INSTANTIATE_TEST_SUITE_P(Sim, StoreContract, ::testing::Values(sim::factory()));
INSTANTIATE_TEST_SUITE_P(Sim, ClusterContract, ::testing::Values(sim::factory()));

}  // namespace freshet::testing
