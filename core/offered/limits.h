// core/offered/limits.h: the bounds of what plugins hand to the core.
#pragma once

namespace freshet {

// Of an event's JSON: as deep as the wires take it from clients.
inline constexpr unsigned kMaxEventDepth = 64;

}  // namespace freshet
