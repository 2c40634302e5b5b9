// plugins/store-postgres/options.h: what the manifest says of the store.
#pragma once

#include <string>

#include "freshet/settings.h"
#include "store-postgres/database/database.h"

namespace freshet::postgres {

struct Options {
  Database database;
  std::string cluster;
  int64_t connections = 0;
  int64_t outbox_max_entries = 0;
  int64_t outbox_max_bytes = 0;
  int64_t outbox_key_max_entries = 0;
  int64_t outbox_key_max_bytes = 0;
};

Options read_options(Given given, Faults& faults);

}  // namespace freshet::postgres
