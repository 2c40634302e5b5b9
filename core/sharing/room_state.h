// core/sharing/room_state.h: what a room is doing. See core/rooms/room.h for how it gets there.
#pragma once

#include <string_view>

namespace freshet {

enum class RoomState { loading, live, busy, asleep, failed, closing };

inline std::string_view name_of(RoomState state) {
  switch (state) {
    case RoomState::loading: return "loading";
    case RoomState::live: return "live";
    case RoomState::busy: return "busy";
    case RoomState::asleep: return "asleep";
    case RoomState::failed: return "failed";
    case RoomState::closing: return "closing";
  }
  return "unknown";
}

}  // namespace freshet
