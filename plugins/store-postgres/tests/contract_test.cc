// The promises every store makes, every outbox of one, every one that keeps what apps have, and
// every store that many nodes share.
#include "freshet/testing/cluster_contract.h"
#include "freshet/testing/kept_contract.h"
#include "freshet/testing/outbox_contract.h"
#include "freshet/testing/store_contract.h"
#include "store-postgres/tests/test_server.h"

namespace freshet::testing {

namespace {

class OpenPostgres final : public OpenStore {
 public:
  explicit OpenPostgres(const postgres::TestStore::Setting& setting) : store_(setting) {}
  const postgres::TestStore& store() const { return store_; }
  const freshet_store* table() const override { return store_.table(); }

 private:
  postgres::TestStore store_;
};

// Each test's directory names the schema that is its own.
StoreFactory postgres_store(const std::string& name, bool pooled) {
  const auto open = [=](const std::filesystem::path& directory,
                        const std::filesystem::path&) -> std::unique_ptr<OpenStore> {
    auto store = std::make_unique<OpenPostgres>(postgres::TestStore::Setting{
        .schema = directory.filename().string(), .numbers = {{"pooled", pooled}}});
    if (store->store().is_open()) return store;
    ADD_FAILURE() << "cannot create the store: " << store->store().host().log();
    return nullptr;
  };
  return {name, Durability::reopens, open, nullptr};
}

const auto kStores =
    ::testing::Values(postgres_store("direct", false), postgres_store("pooled", true));
constexpr auto kName = [](const ::testing::TestParamInfo<StoreFactory>& info) {
  return info.param.name;
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Postgres, StoreContract, kStores, kName);
INSTANTIATE_TEST_SUITE_P(Postgres, OutboxContract, kStores, kName);
INSTANTIATE_TEST_SUITE_P(Postgres, KeptContract, kStores, kName);
INSTANTIATE_TEST_SUITE_P(Postgres, ClusterContract, kStores, kName);

}  // namespace freshet::testing
