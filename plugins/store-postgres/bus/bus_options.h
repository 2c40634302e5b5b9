// plugins/store-postgres/bus/bus_options.h: what the manifest says of the bus.
#pragma once

#include <string>

#include "freshet/settings.h"
#include "store-postgres/database/database.h"

namespace freshet::postgres {

struct BusOptions {
  Database sending;
  Database listening;   // the same, but perhaps not by way of a pooler
  std::string channel;  // what is notified, and listened to
  std::string place;    // see freshet_bus_traits
};

BusOptions read_bus_options(Given given, Faults& faults);

}  // namespace freshet::postgres
