// The promises every store makes.
#include "freshet/testing/store_contract.h"
#include "store-sqlite/sqlite_store.h"

namespace freshet::testing {

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreContract,
                         ::testing::Values(store_of<sqlite::SqliteStore>("sqlite",
                                                                         Durability::reopens,
                                                                         "path", "test.db")));

}  // namespace freshet::testing
