// plugins/store-postgres/postgres_store.h: the store on a PostgreSQL database, for one node or
// many.
//
// What a call answered OK has been committed, as durably as the server's synchronous_commit says.
// Calls return at once and are answered by workers, each with a connection of its own; see
// calls/dispatcher.h. While the database does not answer, calls are answered Status::retry, with a
// line in the log when that begins, when the reason changes and when it ends.
#pragma once

#include <memory>

#include "freshet/plugin.h"
#include "plugin_version.h"
#include "store-postgres/calls/deferred_store.h"
#include "store-postgres/calls/dispatcher.h"
#include "store-postgres/database/known_history.h"
#include "store-postgres/database/troubles.h"
#include "store-postgres/limits.h"
#include "store-postgres/options.h"

namespace freshet::postgres {

class PostgresStore {
 public:
  static constexpr freshet_setting kSettings[] = {
      setting::required(setting::secret(
          setting::text("url", nullptr,
                        "Where the database is: postgresql://user:password@host:port/database, or "
                        "libpq's list of keywords."))),
      setting::text("schema", "freshet", "The schema of its tables; made when missing."),
      setting::text("cluster", "freshet",
                    "The name of the cluster, kept in the schema; a node that says another does "
                    "not start."),
      setting::integer("connections", "4", kMinConnections, kMaxConnections, nullptr,
                       "Connections to the database, each with a thread."),
      setting::integer("connect_timeout_ms", "5 s", 2000, kMaxTimeoutMs, "ms",
                       "How long to wait for a host to take a connection; in whole seconds."),
      setting::integer("statement_timeout_ms", "10 s", 100, kMaxTimeoutMs, "ms",
                       "How long the server may work on one statement."),
      setting::boolean("pooled", "false",
                       "Whether a pooler in transaction mode stands between, such as pgbouncer."),
      setting::integer("outbox_max_entries", "1000000", 1, kMaxOutboxEntries, nullptr,
                       "Entries that a plugin may have waiting in the outbox, and as many dead."),
      setting::integer("outbox_max_bytes", "1 GiB", kMinOutboxBytes, kMaxOutboxBytes, "bytes",
                       "The same in bytes."),
      setting::integer("outbox_key_max_entries", "10000", 1, kMaxOutboxEntries, nullptr,
                       "Entries of one room that a plugin may have waiting in the outbox."),
      setting::integer("outbox_key_max_bytes", "64 MiB", kMinOutboxBytes, kMaxOutboxBytes, "bytes",
                       "The same in bytes; one entry may be larger."),
  };
  static constexpr About kAbout{
      .id = "store-postgres",
      .version = kPluginVersion,
      .summary = "Keeps rooms in a PostgreSQL database that many nodes may share.",
      .settings = kSettings,
      .shared = true,
  };

  static Options read_settings(Given given, Faults& faults);
  static Result<std::unique_ptr<PostgresStore>> create(Host host, Options options);

  const freshet_store* table() const { return deferred_.table(); }

 private:
  PostgresStore(Host host, Options options, int64_t history);

  const Options options_;
  Troubles troubles_;
  KnownHistory history_;
  Dispatcher dispatcher_;  // before the table: destroyed after it
  DeferredStore deferred_;
};

}  // namespace freshet::postgres
