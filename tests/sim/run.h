// tests/sim/run.h: a random run: clients edit, come and go, the network, the disk and the process
// fail, all by dice; then the weather clears and everything must come together.
#pragma once

#include <cstdint>
#include <string>

#include "sim/verdict.h"
#include "sim/world.h"

namespace freshet::sim {

struct RunResult {
  bool clean;
  std::string summary;
  std::vector<Violation> violations;
  uint64_t events;
  size_t edits, acknowledged, kills, stops;

  bool saw(Broken kind) const;
};

RunResult random_run(uint64_t seed, bool trace = false, Plant plant = Plant::none);

}  // namespace freshet::sim
