// tests/sim/runs/run.h: a random run: clients edit, come and go, the network, the disk and the
// process fail, all by dice; then the weather clears and everything must come together.
#pragma once

#include <cstdint>
#include <string>

#include "sim/verdict.h"
#include "sim/world.h"

namespace freshet::sim {

// How often a room had something to send, and how long it waited for more.
struct Windows {
  int64_t none = 0, some = 0, bound = 0;  // `some` in between

  Windows& operator+=(const Windows& more) {
    none += more.none;
    some += more.some;
    bound += more.bound;
    return *this;
  }
};

// What the server did when it was behind with its work, or short of memory.
struct Overload {
  int64_t refused_strain = 0, refused_memory = 0, let_go = 0;

  Overload& operator+=(const Overload& more) {
    refused_strain += more.refused_strain;
    refused_memory += more.refused_memory;
    let_go += more.let_go;
    return *this;
  }
  bool seen_all() const { return refused_strain > 0 && refused_memory > 0 && let_go > 0; }
};

// How often somebody was over a rate.
struct Limited {
  int64_t closed = 0, refused = 0, paused = 0;  // connections, joins, those who send into a room

  Limited& operator+=(const Limited& more) {
    closed += more.closed;
    refused += more.refused;
    paused += more.paused;
    return *this;
  }
  bool seen_all() const { return closed > 0 && refused > 0 && paused > 0; }
};

struct RunResult {
  bool clean;
  std::string summary;
  std::vector<Violation> violations;
  uint64_t events;
  size_t edits, acknowledged, kills, stops;
  Windows windows;
  Overload overload;
  Limited limited;

  bool saw(Broken kind) const;
};

RunResult random_run(uint64_t seed, bool trace = false, Plant plant = Plant::none);

}  // namespace freshet::sim
