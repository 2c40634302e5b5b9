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
  FRESHET_TRY(const int64_t history, prepare_schema(connection, options, host));
  connection.close();
  return std::unique_ptr<PostgresStore>(new PostgresStore(host, std::move(options), history));
}

PostgresStore::PostgresStore(Host host, Options options, int64_t history)
    : options_(std::move(options)),
      troubles_(host),
      history_(history),
      dispatcher_(options_, history_, troubles_, host),
      deferred_(dispatcher_, host) {}

}  // namespace freshet::postgres
