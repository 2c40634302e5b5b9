/* freshet/abi.h: the whole binary contract between the host and its plugins. Start at abi/base.h.
 */
#ifndef FRESHET_ABI_H
#define FRESHET_ABI_H

#include "freshet/abi/app.h"
#include "freshet/abi/auth.h"
#include "freshet/abi/base.h"
#include "freshet/abi/bus.h"
#include "freshet/abi/close.h"
#include "freshet/abi/crdt.h"
#include "freshet/abi/http.h"
#include "freshet/abi/outbox.h"
#include "freshet/abi/platform.h"
#include "freshet/abi/plugin.h"
#include "freshet/abi/protocol.h"
#include "freshet/abi/room.h"
#include "freshet/abi/room_storage.h"
#include "freshet/abi/server.h"
#include "freshet/abi/store.h"

#endif /* FRESHET_ABI_H */
