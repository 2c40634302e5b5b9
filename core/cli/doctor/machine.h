// core/cli/doctor/machine.h: what the machine gives a process: descriptors, memory, the time.
#pragma once

#include <cstdint>

#include "core/cli/doctor/finding.h"
#include "freshet/abi/platform.h"

namespace freshet::cli {

// Each [main].
void check_descriptors(int64_t max_connections, Findings& out);
void check_clock(Findings& out);
// `documents_bytes`: what documents may take.
void check_memory(const freshet_platform& platform, uint64_t documents_bytes, Findings& out);

}  // namespace freshet::cli
