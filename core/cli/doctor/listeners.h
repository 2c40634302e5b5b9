// core/cli/doctor/listeners.h: whether a server can listen where its manifest says.
#pragma once

#include <string>
#include <vector>

#include "core/cli/doctor/finding.h"

namespace freshet::cli {

// A server of this manifest runs now: addresses that it has are in use by right.
enum class Running : bool { no, yes };

// Of clients, and the one of the admin. [main]
void check_listeners(const std::vector<std::string>& addresses, Running running, Findings& out);

}  // namespace freshet::cli
