// tests/sim/plugins/store_table.h: the C table of the simulated store: each call becomes a value.
#pragma once

#include "freshet/abi/store.h"
#include "sim/plugins/store_call.h"

namespace freshet::sim {

enum class Sharing { alone, shared };

freshet_store store_table(StoreDesk& desk, Sharing sharing);

}  // namespace freshet::sim
