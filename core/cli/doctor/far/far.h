// core/cli/doctor/far/far.h: who has to be reached from here, and what reaches this server from
// outside.
#pragma once

#include <string>

#include "core/cli/doctor/finding.h"

namespace freshet::cli {

// A backend that a plugin posts to: whether it can be reached. `whose`: the plugin. [main]
void check_backend(const std::string& whose, const std::string& url, Findings& out);

// The address that browsers are given, opened as one would from a page of `origin`; empty: as a
// program would. [main]
void check_public_url(const std::string& url, const std::string& origin, Findings& out);

}  // namespace freshet::cli
