// The promises of stores that the SDK has for authors, tried on the plugin's file.
#include <algorithm>
#include <cctype>

#include "core/check/tests/opened.h"
#include "freshet/testing/cluster_contract.h"
#include "freshet/testing/kept_contract.h"
#include "freshet/testing/outbox_contract.h"
#include "freshet/testing/store_contract.h"

namespace freshet::testing {
namespace {

using check::Instance;
using check::Place;
using check::Trial;

class OpenInstance final : public OpenStore {
 public:
  explicit OpenInstance(const Place& place) : instance_(Trial::here(), place) {}
  Instance& plugin() { return instance_; }
  const freshet_store* table() const override { return instance_.service<freshet_store>(); }

 private:
  mutable Instance instance_;
};

Place place_in(const std::filesystem::path& directory, const std::filesystem::path& backup) {
  std::string word = directory.filename().string();
  std::ranges::replace_if(word, [](char c) { return std::isalnum(c) == 0; }, '_');
  return {word, directory, backup};
}

StoreFactory checked_store() {
  const auto open = [](const std::filesystem::path& directory,
                       const std::filesystem::path& backup) -> std::unique_ptr<OpenStore> {
    auto out = std::make_unique<OpenInstance>(place_in(directory, backup));
    if (out->plugin().ok()) return out;
    ADD_FAILURE() << out->plugin().why();
    return nullptr;
  };
  const auto& facts = Trial::here().facts();
  StoreFactory out{"it", facts.keeps ? Durability::reopens : Durability::none, open, nullptr};
  if (!facts.shared) {
    out.opens = [](const std::filesystem::path& directory) {
      return Instance(Trial::here(), place_in(directory, {})).ok();
    };
  }
  return out;
}

constexpr auto kPlainName = [](const ::testing::TestParamInfo<StoreFactory>& info) {
  return info.param.name;
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Plugin, StoreContract, ::testing::Values(checked_store()), kPlainName);
INSTANTIATE_TEST_SUITE_P(Plugin, OutboxContract, ::testing::Values(checked_store()), kPlainName);
INSTANTIATE_TEST_SUITE_P(Plugin, KeptContract, ::testing::Values(checked_store()), kPlainName);
INSTANTIATE_TEST_SUITE_P(Plugin, ClusterContract, ::testing::Values(checked_store()), kPlainName);

}  // namespace freshet::testing
