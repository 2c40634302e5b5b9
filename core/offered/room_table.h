// core/offered/room_table.h: freshet.room/0, as protocols see it. Stateless: links and sessions
// know the way.
#pragma once

#include "freshet/abi/room.h"

namespace freshet {

extern const freshet_room kRoomTable;

}  // namespace freshet
