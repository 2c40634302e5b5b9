// The promises every store makes, every outbox of one, and every one that keeps what apps have.
#include "freshet/testing/kept_contract.h"
#include "freshet/testing/outbox_contract.h"
#include "freshet/testing/store_contract.h"
#include "store-sqlite/sqlite_store.h"

namespace freshet::testing {

namespace {
StoreFactory sqlite_store() {
  return store_of<sqlite::SqliteStore>("sqlite", Durability::reopens, "path", "test.db");
}
}  // namespace

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract, ::testing::Values(sqlite_store()));
INSTANTIATE_TEST_SUITE_P(Sqlite, OutboxContract, ::testing::Values(sqlite_store()));
INSTANTIATE_TEST_SUITE_P(Sqlite, KeptContract, ::testing::Values(sqlite_store()));

}  // namespace freshet::testing
