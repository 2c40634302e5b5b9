// core/live/server/plugins_picture.h: the plugins of a server, with what is counted of their
// functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "core/host/plugin_account.h"
#include "core/report/metrics.h"

namespace freshet {

nlohmann::json plugins_picture(const std::vector<PluginAccount>& plugins, const Metrics& metrics);

}  // namespace freshet
