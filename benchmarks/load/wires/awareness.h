// awareness.h: presence as Yjs clients show it.
#pragma once

#include <vector>

#include "wire.h"

namespace freshet::load {

// Appends an awareness update of one entry: who it is and where its cursor stands, with the next
// clock.
void write_awareness(Person& who, std::vector<uint8_t>& out);

}  // namespace freshet::load
