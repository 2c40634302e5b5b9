#include "store-postgres/database/failure.h"

#include <algorithm>

namespace freshet::postgres {

namespace {

using Kind = Failure::Kind;

struct Known {
  std::string_view state;  // or how it begins
  Status status;
  Kind kind;
  bool reconnect;
  std::string_view brief;
  std::string_view way_out;
};

// The first that fits.
constexpr Known kKnown[] = {
    {"25006", Status::retry, Kind::outage, true, "the database is read-only",
     "It is a standby, or default_transaction_read_only is on: name the primary, or all hosts, in "
     "url"},
    {"53100", Status::retry, Kind::outage, false, "the database's disk is full",
     "Free or add space there"},
    {"53200", Status::retry, Kind::outage, false, "the database is out of memory", ""},
    {"53300", Status::retry, Kind::outage, true, "the database has too many connections",
     "Raise max_connections there, lower `connections` here, or put a pooler between"},
    {"53", Status::retry, Kind::outage, false, "the database is short of something", ""},
    {"40001", Status::retry, Kind::passing, false, "two transactions were in each other's way", ""},
    {"40P01", Status::retry, Kind::passing, false, "two transactions were in each other's way", ""},
    {"55P03", Status::retry, Kind::passing, false, "a lock was not had in time", ""},
    {"57014", Status::retry, Kind::passing, false, "the database took too long",
     "statement_timeout_ms bounds what one statement may take"},
    {"57P04", Status::retry, Kind::outage, true, "the database was dropped", ""},
    {"57P", Status::retry, Kind::outage, true, "the database server is going down or starting", ""},
    {"58", Status::retry, Kind::outage, true, "the database server has trouble with its files",
     "Its own log says more"},
    {"08", Status::retry, Kind::outage, true, "the connection to the database was lost", ""},
    {"28", Status::retry, Kind::outage, true, "the database refuses this user",
     "Check user and password of url, and pg_hba.conf there"},
    {"3D000", Status::retry, Kind::outage, true, "there is no such database", ""},
    {"42501", Status::retry, Kind::outage, true, "this user lacks rights in the database",
     "Give it the schema: ALTER SCHEMA ... OWNER TO ..."},
    {"42P01", Status::retry, Kind::outage, true, "a table is missing in the database",
     "The schema was dropped, or it is another database than before"},
    {"3F000", Status::retry, Kind::outage, true, "a table is missing in the database",
     "The schema was dropped, or it is another database than before"},
    {"XX001", Status::corrupt, Kind::damage, false, "the database is damaged", ""},
    {"XX002", Status::corrupt, Kind::damage, false, "an index of the database is damaged",
     "REINDEX may mend it"},
    {"54000", Status::too_large, Kind::passing, false, "a value is too large for the database", ""},
};

Failure make(const Known& known, std::string_view state, std::string_view message) {
  Failure out{known.status, known.kind, known.reconnect, std::string(known.brief), known.brief};
  if (!message.empty()) out.words += " (" + std::string(message);
  if (!state.empty()) out.words += (message.empty() ? " (" : ", ") + std::string(state);
  if (!message.empty() || !state.empty()) out.words += ")";
  if (!known.way_out.empty()) out.words += ". " + std::string(known.way_out);
  return out;
}

}  // namespace

Failure failure_of(std::string_view state, std::string_view message) {
  const auto* known =
      std::ranges::find_if(kKnown, [&](const Known& k) { return state.starts_with(k.state); });
  if (known != std::end(kKnown)) return make(*known, state, message);
  return make({"", Status::retry, Kind::outage, false, "the database reports an error", ""}, state,
              message);
}

Failure lost(std::string_view message) {
  return make(
      {"", Status::retry, Kind::outage, true, "the connection to the database was lost", ""}, "",
      message);
}

Failure unconfirmed(std::string_view message) {
  return make({"", Status::retry, Kind::outage, false, "the standby does not confirm commits",
               "What is not there too is acknowledged to nobody: see synchronous_standby_names"},
              "", message);
}

}  // namespace freshet::postgres
