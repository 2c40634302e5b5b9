// Every promise of a store, tried on this one through its C table, as a server calls it.
#include <freshet/testing/created_plugin.h>
#include <freshet/testing/store_contract.h>

#include <algorithm>

// Of the plugin, with which this program is linked.
extern "C" const freshet_plugin* freshet_plugin_entry(void);

namespace freshet::testing {
namespace {

// One that has a `path` keeps its rooms there; one without forgets them.
bool keeps() {
  const freshet_plugin& about = *freshet_plugin_entry();
  return std::ranges::any_of(std::span(about.settings, about.setting_count),
                             [](auto& s) { return std::string_view(s.key) == "path"; });
}

class OpenMyStore final : public OpenStore {
 public:
  explicit OpenMyStore(const std::string& path, int64_t max_rooms = 10'000)
      : plugin_(*freshet_plugin_entry(), [&](FakeHost& host) {
          host.set("path", path);
          host.set("max_rooms", max_rooms);
        }) {}
  bool ok() const { return plugin_.status() == Status::ok; }
  const freshet_store* table() const override {
    return plugin_.service<freshet_store>(FRESHET_STORE_ID);
  }

 private:
  CreatedPlugin plugin_;
};

const StoreFactory kMine{
    .name = "mine",
    .durability = keeps() ? Durability::reopens : Durability::none,
    .open = [](const auto& directory, const auto& backup) -> std::unique_ptr<OpenStore> {
      auto store = std::make_unique<OpenMyStore>(backup.empty() ? directory / "store" : backup);
      return store->ok() ? std::move(store) : nullptr;
    },
    .opens = [](const auto& directory) { return OpenMyStore(directory / "store").ok(); }};
INSTANTIATE_TEST_SUITE_P(Mine, StoreContract, ::testing::Values(kMine));

TEST(MyStore, RefusesARoomOverItsBoundAndServesTheOthers) {
  std::string folder = (std::filesystem::temp_directory_path() / "my-store-XXXXXX").string();
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  {
    const OpenMyStore opened(folder + "/store", 1);
    StoreCaller store(opened.table());
    EXPECT_EQ(store.append({{"a", epoch_of(1), 1, "x"}}), Status::ok);
    EXPECT_EQ(store.append({{"a", epoch_of(1), 2, "x"}, {"b", epoch_of(1), 1, "x"}}),
              Status::limit);
    EXPECT_EQ(store.append({{"a", epoch_of(1), 2, "x"}}), Status::ok);
    EXPECT_EQ(store.put("b", epoch_of(1), "x"), Status::limit);
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace freshet::testing
