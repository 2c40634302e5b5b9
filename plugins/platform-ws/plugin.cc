#include "server.h"

FRESHET_PLUGIN(freshet::ws::Server)
