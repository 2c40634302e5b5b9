#include "store-postgres/options.h"

namespace freshet::postgres {

Options read_options(Given given, Faults& faults) {
  Options options{.database = {.connection = {},
                               .schema = {},
                               .statement_timeout_ms = given.number("statement_timeout_ms"),
                               .pooled = given.flag("pooled")},
                  .cluster = std::string(given.text("cluster")),
                  .connections = given.number("connections"),
                  .outbox_max_entries = given.number("outbox_max_entries"),
                  .outbox_max_bytes = given.number("outbox_max_bytes"),
                  .outbox_key_max_entries = given.number("outbox_key_max_entries"),
                  .outbox_key_max_bytes = given.number("outbox_key_max_bytes")};
  read_address(given, "url", faults, options.database);
  options.database.schema = read_schema(given, faults);
  if (options.cluster.empty()) faults.add("cluster", "is empty");
  return options;
}

}  // namespace freshet::postgres
