#include "store-postgres/bus/bus_options.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "store-postgres/bus/limits.h"
#include "store-postgres/limits.h"

namespace freshet::postgres {

namespace {

// FNV-1a over the name in 64 bits. Who chooses names of clusters is no enemy of theirs.
std::string hash_of(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  std::string out;
  for (int shift = 60; shift >= 0; shift -= 4) out += "0123456789abcdef"[hash >> shift & 15];
  return out;
}

// One for each cluster of a database. Names of channels are cut off at 63 bytes, so what may be
// longer is hashed; no two pairs of a schema and a cluster are the same text before that.
std::string channel_of(const std::string& schema, const std::string& cluster) {
  return "freshet_" + hash_of(std::to_string(schema.size()) + ":" + schema + cluster);
}

std::string name_of_database(const Parameters& connection) {
  const auto value = [&](std::string_view name) {
    const auto it = std::ranges::find(connection, name, [](const auto& p) { return p.first; });
    return it == connection.end() ? std::string() : it->second;
  };
  const std::string name = value("dbname");
  return name.empty() ? value("user") : name;  // as the server takes it
}

}  // namespace

BusOptions read_bus_options(Given given, Faults& faults) {
  BusOptions out;
  // A pooler that stands between takes what is set in a transaction, and no more.
  out.sending.statement_timeout_ms = kBusStatementMs;
  out.sending.pooled = true;
  out.sending.schema = read_schema(given, faults);
  read_address(given, "url", faults, out.sending);
  out.listening = out.sending;
  if (!given.text("listen_url").empty()) {
    read_address(given, "listen_url", faults, out.listening);
  }
  const std::string cluster(given.text("cluster"));
  if (cluster.empty()) faults.add("cluster", "is empty");
  out.channel = channel_of(out.sending.schema, cluster);
  out.place = "postgresql database " + name_of_database(out.listening.connection) + ", schema " +
              out.sending.schema + ", cluster " + cluster;
  return out;
}

}  // namespace freshet::postgres
