// tests/sim/runs/hardship.h: bounds and weather that make life hard, by dice.
#pragma once

#include "core/config/limits.h"
#include "sim/chance.h"
#include "sim/scene.h"

namespace freshet::sim {

// So that a short run reaches them.
Limits small_limits(Chance& chance);

Weather foul_weather(Chance& chance);

// A loop that is behind, so that all it has timers for comes late; and what the process takes, of
// which 80 percent are the ceiling.
void overload(Weather& weather, Chance& chance);

}  // namespace freshet::sim
