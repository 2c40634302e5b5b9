// tests/sim/plugins/plant.h: bugs that a run must be able to see.
#pragma once

namespace freshet::sim {

enum class Plant {
  none,
  acknowledge_before_write,  // answers an append, and writes it a while later
  load_half,                 // answers a load with the first half of the log
  replace_forgets_tail,      // drops what was appended after the snapshot
  hasty_wire,                // not the store's, see hasty_wire.h

  // ---- of many nodes ----
  tail_skips,       // of what was swapped for a snapshot a tail says nothing
  failover_hidden,  // a log that has lost its end is said to have it still
  first_ignored,    // what was to be the first of a room is appended to any
  end_told_twice,   // the end of a room leaves two notices
  early_as_saved,   // not the store's: an edit on the bus is followed by word that it is saved
  bus_replays,      // not the store's: an event on the bus is heard twice
};

}  // namespace freshet::sim
