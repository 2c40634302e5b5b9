// Every promise of a store, tried on this one through its C table, as a server calls it.
#include <freshet/testing/created_plugin.h>
#include <freshet/testing/store_contract.h>

// Of the plugin, with which this program is linked.
extern "C" const freshet_plugin* freshet_plugin_entry(void);

namespace freshet::testing {
namespace {

class OpenMyStore final : public OpenStore {
 public:
  const freshet_store* table() const override {
    return plugin_.service<freshet_store>(FRESHET_STORE_ID);
  }

 private:
  CreatedPlugin plugin_{*freshet_plugin_entry()};
};

// A store that keeps its data says Durability::reopens, sets where in `directory` it does, and has
// `opens` say whether somebody else could open it there now: see freshet/testing/store_contract.h.
const StoreFactory kMine{
    .name = "mine",
    .durability = Durability::none,
    .open = [](const auto&, const auto&) { return std::make_unique<OpenMyStore>(); },
    .opens = nullptr};
INSTANTIATE_TEST_SUITE_P(Mine, StoreContract, ::testing::Values(kMine));

TEST(MyStore, RefusesARoomOverItsBoundAndServesTheOthers) {
  const CreatedPlugin plugin(*freshet_plugin_entry(),
                             [](FakeHost& host) { host.set("max_rooms", int64_t{1}); });
  StoreCaller store(plugin.service<freshet_store>(FRESHET_STORE_ID));
  EXPECT_EQ(store.append({{"a", epoch_of(1), 1, "x"}}), Status::ok);
  EXPECT_EQ(store.append({{"a", epoch_of(1), 2, "x"}, {"b", epoch_of(1), 1, "x"}}), Status::limit);
  EXPECT_EQ(store.append({{"a", epoch_of(1), 2, "x"}}), Status::ok);
  EXPECT_EQ(store.put("b", epoch_of(1), "x"), Status::limit);
}

}  // namespace
}  // namespace freshet::testing
