// Every promise of a bus, tried on this one through its C table, as a server calls it.
#include <freshet/testing/bus_contract.h>
#include <freshet/testing/created_plugin.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

// Of the plugin, with which this program is linked.
extern "C" const freshet_plugin* freshet_plugin_entry(void);

namespace freshet::testing {
namespace {

// The places of the tests; gone with the program.
class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "my-bus-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

class OpenMyBus final : public OpenBus {
 public:
  explicit OpenMyBus(const std::string& folder)
      : plugin_(*freshet_plugin_entry(), [&](FakeHost& host) { host.set("folder", folder); }) {}
  bool ok() const { return plugin_.status() == Status::ok; }
  const freshet_bus* table() const override { return plugin_.service<freshet_bus>(FRESHET_BUS_ID); }

 private:
  const CreatedPlugin plugin_;
};

std::unique_ptr<OpenBus> open_mine(const std::string& place) {
  static const Folder folder;
  auto bus = std::make_unique<OpenMyBus>((folder.path() / place).string());
  return bus->ok() ? std::move(bus) : nullptr;
}

INSTANTIATE_TEST_SUITE_P(Mine, BusContract,
                         ::testing::Values(BusFactory{"mine", open_mine, nullptr}));

TEST(MyBus, DoesNotStartWhereItMayNotWrite) {
  OpenMyBus bus("/dev/null/nowhere");
  ASSERT_TRUE(bus.ok());
  BusCaller caller(bus.table());
  EXPECT_EQ(caller.start(), Status::denied);
}

}  // namespace
}  // namespace freshet::testing
