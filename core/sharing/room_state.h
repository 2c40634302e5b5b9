// core/sharing/room_state.h: what a room is doing. See core/rooms/room.h for how it gets there.
#pragma once

namespace freshet {

enum class RoomState { loading, live, busy, asleep, failed, closing };

}  // namespace freshet
