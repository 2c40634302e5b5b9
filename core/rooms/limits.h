// core/rooms/limits.h: the bounds of a room that no setting moves.
#pragma once

#include <cstddef>

namespace freshet {

// What a procedure is called with. It is kept until the app has answered.
inline constexpr size_t kMaxCallInputBytes = size_t{1} << 20;
// Calls of one session under way: more are refused, so that one client does not fill the line that
// all of a room's calls stand in.
inline constexpr size_t kMaxCallsAtOnce = 100;
// Of JSON in what a procedure answers. Clients walk it with a stack.
inline constexpr unsigned kMaxAnswerDepth = 64;
// Commands from outside that wait for a room to be loaded, or for their edits to be saved.
inline constexpr size_t kMaxCommands = 1'000;

}  // namespace freshet
