// core/guard/safe_mode.h: a server with what it cannot do without, for the time in which something
// else of it is wrong.
#pragma once

#include "core/config/manifest.h"
#include "core/guard/trial_load.h"
#include "core/report/log.h"
#include "core/report/problems.h"

namespace freshet {

// Leaves in the manifest what it calls essential; if that is nothing, what offers a platform, an
// engine, a store, a bus, an auth or a protocol. An auth stays in any case: without it everybody
// would be let in. The log says what was left out. [main]
void keep_essential(Manifest& manifest, const TrialLoads& tried, Log& log, Problems& problems);

}  // namespace freshet
