#include "freshet/plugin.h"

#include "store-postgres/bus/postgres_bus.h"

FRESHET_PLUGIN(freshet::postgres::PostgresBus)
