// core/host/plugin_account.h: one plugin of a running server, as people are told of it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/config/manifest.h"
#include "core/host/plugin_host.h"

namespace freshet {

struct PluginAccount {
  std::string id, version, path;
  bool essential = false;
  std::vector<std::string> services;    // that it offers
  std::vector<freshet_setting> schema;  // in its library, which stays
  // As JSON; what is secret, or came out of a variable, as "***".
  std::vector<std::pair<std::string, std::string>> settings;
};

// Of all that `host` has loaded for the manifest, in its order. [main]
std::vector<PluginAccount> accounts_of(const Manifest& manifest, const PluginHost& host);

}  // namespace freshet
