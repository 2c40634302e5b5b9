// plugins/store-postgres/database/schema.h: the tables, and bringing older ones up to date.
#pragma once

#include "freshet/host.h"
#include "freshet/result.h"
#include "store-postgres/database/connection.h"
#include "store-postgres/options.h"

namespace freshet::postgres {

inline constexpr int64_t kSchemaVersion = 4;
// Whose nodes may go on beside those of this one.
inline constexpr int64_t kOldestSchemaVersion = 2;

// The advisory lock of whoever makes tables. Drawn once; nobody else's.
inline constexpr int64_t kSchemaLock = 0x66727368'73636865;

// Makes or migrates the schema, in one transaction under a lock, so that of nodes that start
// together one does it. Refuses what is not this store's, another cluster's or newer. The reason of
// a refusal is in the log, with the way out. The connection is not good for more then. Answers the
// history that is there, see Link. Once, at the start. [main]
Result<int64_t> prepare_schema(Connection& connection, const Options& options, Host host);

}  // namespace freshet::postgres
