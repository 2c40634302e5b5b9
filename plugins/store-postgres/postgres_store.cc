#include "store-postgres/postgres_store.h"

#include <utility>

#include "store-postgres/database/connection.h"
#include "store-postgres/database/schema.h"

namespace freshet::postgres {

Options PostgresStore::read_settings(Given given, Faults& faults) {
  return read_options(given, faults);
}

Result<std::unique_ptr<PostgresStore>> PostgresStore::create(Host host, Options options) {
  // No descriptor: at the start nobody stops what is asked of the server.
  Connection connection(options.database, /*stop=*/-1);
  if (const Status status = connection.open(); status != Status::ok) {
    host.error("store at " + connection.place() + ": " + connection.failure().words);
    return status;
  }
  if (const Status status = prepare_schema(connection, options, host); status != Status::ok) {
    return status;
  }
  connection.close();
  return std::unique_ptr<PostgresStore>(new PostgresStore(host, std::move(options)));
}

PostgresStore::PostgresStore(Host host, Options options)
    : options_(std::move(options)),
      troubles_(host),
      dispatcher_(options_, troubles_, host),
      deferred_(dispatcher_, host) {}

}  // namespace freshet::postgres
