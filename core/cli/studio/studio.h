// core/cli/studio/studio.h: `freshet studio`: the page that looks into a server, for a browser on
// this machine.
#pragma once

#include <cstdint>

#include "core/cli/exit_code.h"
#include "core/cli/setup/manifest_source.h"

namespace freshet::cli {

// Prints the address and serves it until the process is ended. `port` 0: any. [main]
ExitCode open_studio(const ManifestSource& source, uint16_t port);

}  // namespace freshet::cli
