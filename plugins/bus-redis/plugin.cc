#include "freshet/plugin.h"

#include "bus-redis/redis_bus.h"

FRESHET_PLUGIN(freshet::redis::RedisBus)
