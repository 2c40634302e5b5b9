// plugins/crdt-native/steady_now.h: the only clock in this plugin, apart from native_crdt.cc: the
// simulator links that one with a clock of its own.
#pragma once

#include <cstdint>

namespace freshet {

// Milliseconds of this machine's, which does not go back. [any]
uint64_t steady_now_ms();

}  // namespace freshet
