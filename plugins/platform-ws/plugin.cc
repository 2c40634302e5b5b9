#include "platform-ws/ws_platform.h"

FRESHET_PLUGIN(freshet::ws::WsPlatform)
