#include "store-sqlite/sqlite_store.h"

using freshet::sqlite::SqliteStore;

FRESHET_PLUGIN(SqliteStore)
