// tests/sim/plugins/hasty_wire.h: a planted bug: the wire says that its clients hear of what is
// saved by notes, though they take an echo for it. So whoever wrote in a window is sent all of it.
#pragma once

#include "freshet/abi/protocol.h"

namespace freshet::sim {

// One at a time; lives as long as the process.
inline const freshet_protocol* hasty(const freshet_protocol* real) {
  static const freshet_protocol* behind = nullptr;
  static freshet_protocol table{};
  behind = real;
  table = *real;
  table.traits = [](void* self, freshet_traits* out) {
    behind->traits(self, out);
    out->saved = FRESHET_SAVED_NOTE;
  };
  return &table;
}

}  // namespace freshet::sim
