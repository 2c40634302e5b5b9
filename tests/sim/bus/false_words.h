// tests/sim/bus/false_words.h: planted bugs: what is said on the bus, made into what nobody has
// said.
#pragma once

#include "freshet/bytes.h"
#include "sim/plugins/sim_disk.h"

namespace freshet::sim {

// The message, with word behind each edit in it that it is saved. As it is if there is none.
Blob with_early_word(Bytes message);

// The events in it, as said by nobody who counts what he says. Empty if there are none.
Blob events_again(Bytes message);

}  // namespace freshet::sim
