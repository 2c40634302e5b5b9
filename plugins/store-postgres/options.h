// plugins/store-postgres/options.h: what the manifest says of the store.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "freshet/settings.h"

namespace freshet::postgres {

struct Options {
  // libpq's parameters, made from the URL and what this store adds. They hold the password.
  std::vector<std::pair<std::string, std::string>> connection;
  std::string schema;
  std::string cluster;
  int64_t connections = 0;
  int64_t statement_timeout_ms = 0;
  bool pooled = false;
  int64_t outbox_max_entries = 0;
  int64_t outbox_max_bytes = 0;
  int64_t outbox_key_max_entries = 0;
  int64_t outbox_key_max_bytes = 0;
};

Options read_options(Given given, Faults& faults);

}  // namespace freshet::postgres
