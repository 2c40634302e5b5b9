// core/host/limits.h: the bounds of what plugins say of themselves.
//
// They are no enemies, but a plugin built against another ABI, or with a bug, says anything.
#pragma once

#include <cstddef>
#include <cstdint>

namespace freshet {

// Offered by one plugin, and needed by one: several times as many as there are services.
inline constexpr size_t kMaxServices = 32;
// Of one plugin. The plugin with the most has some twenty.
inline constexpr size_t kMaxSettings = 512;
// The bytes of a table. A larger size is no size: the longest table has two hundred.
inline constexpr uint32_t kMaxTableBytes = 4096;

// What one plugin finds wrong with its settings, and how long each of it is, in the log.
inline constexpr size_t kMaxFaults = 64;
inline constexpr size_t kMaxFaultBytes = 1024;

}  // namespace freshet
