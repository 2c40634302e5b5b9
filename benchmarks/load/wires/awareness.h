// awareness.h: presence as Yjs clients show it.
#pragma once

#include <vector>

#include "wire.h"

namespace freshet::load {

// Appends an awareness update of one entry, with the next clock: who it is, where its cursor
// stands, which is the number of its state, and which place in the room is its.
void write_awareness(Person& who, std::vector<uint8_t>& out);

// Appends what an awareness update holds of such states. Whoever shows something else, or has gone,
// is passed over; so is what does not read.
void read_awareness(Bytes update, std::vector<Shown>& out);

// The same of one state, as JSON, in which the cursor is the number or has it as its "anchor".
void read_shown(std::string_view json, std::vector<Shown>& out);

}  // namespace freshet::load
