#include "store-postgres/database/database.h"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <string_view>

#include "store-postgres/limits.h"

namespace freshet::postgres {

namespace {

bool has(const Parameters& parameters, std::string_view name) {
  return std::ranges::any_of(parameters, [&](const auto& p) { return p.first == name; });
}

void set_default(Parameters& parameters, const char* name, std::string value) {
  if (!has(parameters, name)) parameters.emplace_back(name, std::move(value));
}

// Whether a part of the password was taken for a host, a port or a database. Those are told in the
// log.
bool is_torn(const std::string& url, const PQconninfoOption& options) {
  if (url.find("://") == std::string::npos) return false;
  for (const PQconninfoOption* option = &options; option->keyword != nullptr; ++option) {
    const std::string_view key = option->keyword, value = option->val ? option->val : "";
    const bool is_name = key == "host" || key == "dbname";
    if (is_name && value.find('@') != std::string_view::npos) return true;
    if (key == "port" && value.find_first_not_of("0123456789,") != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

// Empty, with a fault told, if it is no URL. libpq's own words may repeat a part of it, so they are
// not told: that part may be the password.
Parameters parameters_of(const std::string& url, const char* key, Faults& faults) {
  char* complaint = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(url.c_str(), &complaint), PQconninfoFree);
  PQfreemem(complaint);
  Parameters out;
  if (!parsed) {
    faults.add(key,
               "is neither postgresql://user:password@host:port/database nor a list like host=... "
               "dbname=...; special characters of a password are written as in any URL (%40 is @)");
    return out;
  }
  if (is_torn(url, *parsed)) {
    faults.add(key, "has an @, a / or a : in its user or password: write %40, %2F or %3A");
    return out;
  }
  for (const PQconninfoOption* option = parsed.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) out.emplace_back(option->keyword, option->val);
  }
  return out;
}

std::string whole_seconds(int64_t ms) { return std::to_string((ms + 999) / 1000); }

void complete(Database& database, int64_t connect_timeout_ms) {
  Parameters& parameters = database.connection;
  set_default(parameters, "fallback_application_name", "freshet");
  set_default(parameters, "connect_timeout", whole_seconds(connect_timeout_ms));
  // Of several hosts the one that can be written to; after a failover that is another.
  set_default(parameters, "target_session_attrs", "read-write");
  // A connection that nobody answers on any more is given up before the server's clients notice.
  set_default(parameters, "keepalives_idle", "5");
  set_default(parameters, "keepalives_interval", "3");
  set_default(parameters, "keepalives_count", "3");
  set_default(parameters, "tcp_user_timeout",
              std::to_string(database.statement_timeout_ms + kAnswerGraceMs));
  std::erase_if(parameters, [](const auto& p) { return p.first == "client_encoding"; });
  parameters.emplace_back("client_encoding", "UTF8");
  // A pooler refuses parameters that it does not know; its transactions set theirs themselves.
  if (database.pooled) return;
  const std::string timeout =
      "-c statement_timeout=" + std::to_string(database.statement_timeout_ms);
  const auto given = std::ranges::find(parameters, "options", [](auto& p) { return p.first; });
  if (given == parameters.end()) {
    parameters.emplace_back("options", timeout);
  } else {
    given->second = timeout + " " + given->second;
  }
}

}  // namespace

void read_address(Given given, const char* key, Faults& faults, Database& out) {
  const std::string url(given.text(key));
  if (url.empty()) {
    faults.add(key, "it is empty (is the environment variable set?)");
  } else {
    out.connection = parameters_of(url, key, faults);
  }
  complete(out, given.number("connect_timeout_ms"));
}

std::string read_schema(Given given, Faults& faults) {
  std::string schema(given.text("schema"));
  if (schema.empty() || schema.size() > kMaxIdentifierBytes ||
      schema.find_first_of(std::string_view("@\0", 2)) != std::string::npos) {
    faults.add("schema", "must have 1 to 63 bytes, and no @ among them");
  } else if (schema.starts_with("pg_")) {
    faults.add("schema", "must not begin with pg_, PostgreSQL keeps those names for itself");
  }
  return schema;
}

}  // namespace freshet::postgres
