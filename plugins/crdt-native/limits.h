// plugins/crdt-native/limits.h: the bounds of lists of operations; the engine has its own
// (freshet/crdt/limits.h).
#pragma once

#include <cstddef>

namespace freshet::crdt {

// Of one list. Over either: Status::too_large. It is applied whole or not at all, in one turn
// of the room; what is longer is for several requests.
inline constexpr size_t kMaxOperationsBytes = size_t{1} << 20;
inline constexpr size_t kMaxOperations = 4096;

// Of JSON, from the list itself; and so of new types in new types, and of values: both are read and
// written by recursion.
inline constexpr unsigned kMaxOperationDepth = 64;

// From a root to what an operation is about: each step is a look-up of its own.
inline constexpr size_t kMaxPathSteps = 64;

// Attributes of one stretch of text: each is two items around it, for good.
inline constexpr size_t kMaxFormats = 64;

}  // namespace freshet::crdt
