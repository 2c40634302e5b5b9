// core/cli/doctor/listeners.h: whether a server can listen where its manifest says.
#pragma once

#include "core/cli/doctor/finding.h"
#include "core/config/manifest.h"
#include "core/host/plugin_host.h"

namespace freshet::cli {

// A server of this manifest runs now: addresses that it has are in use by right.
enum class Running : bool { no, yes };

// The plugin that listens.
inline constexpr const char* kPlatform = "platform-ws";

// Of clients, of the admin and of metrics; sockets of clients with the rights that the platform's
// settings give them. [main]
void check_addresses(const Manifest::Server& server, const PluginHost& host, Running running,
                     Findings& out);

}  // namespace freshet::cli
