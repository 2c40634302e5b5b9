// tests/sim/runs/random_edit.h: what somebody writes, by dice.
#pragma once

#include <vector>

#include "sim/chance.h"
#include "sim/clients/participant.h"

namespace freshet::sim {

// `landmarks`: types that were made in its room; another may be made.
void random_edit(Chance& chance, std::vector<Id>& landmarks, Participant& client);

}  // namespace freshet::sim
