// core/guard/trial_load.h: the plugins of a manifest, loaded in a process of their own first: what
// crashes, hangs or ends the process by being loaded is refused, and takes no server down.
//
// Loaded is what loading means: the library, its descriptor, its word on its settings. Nothing is
// created: that may take a port, a file or a lock, which the process that serves wants itself.
#pragma once

#include <string>
#include <vector>

#include "core/config/manifest.h"
#include "core/host/plugin_path.h"
#include "core/report/problems.h"

namespace freshet {

struct TrialLoad {
  std::string fault;  // "crashes when it is loaded (SIGSEGV)"; empty: none that is known
  std::vector<std::string> offers;  // nothing where there is no such file, or no plugin in it
};
// One for each plugin of the manifest, in its order.
using TrialLoads = std::vector<TrialLoad>;

// REQUIRES: this process has one thread. Where there is no process to be had, nothing is known.
// [main]
TrialLoads try_loading(const Manifest& manifest, const PluginPath& path);

// Each that has a fault is a problem, and is in the manifest no more. [main]
void refuse_faulty(Manifest& manifest, const TrialLoads& tried, Problems& problems);

}  // namespace freshet
