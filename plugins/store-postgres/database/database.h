// plugins/store-postgres/database/database.h: which database that is, and how it is spoken to.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "freshet/settings.h"

namespace freshet::postgres {

using Parameters = std::vector<std::pair<std::string, std::string>>;

struct Database {
  // libpq's parameters, made from a URL and what is added here. They hold the password.
  Parameters connection;
  std::string schema;
  int64_t statement_timeout_ms = 0;
  bool pooled = false;  // nothing is set for a session, all of it in each transaction
};

// Reads the URL of the setting `key`, and `connect_timeout_ms`, into out.connection. REQUIRES: the
// rest of it is there.
void read_address(Given given, const char* key, Faults& faults, Database& out);

// The setting `schema`.
std::string read_schema(Given given, Faults& faults);

}  // namespace freshet::postgres
