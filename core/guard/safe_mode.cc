#include "core/guard/safe_mode.h"

#include <algorithm>
#include <string>
#include <vector>

#include "freshet/abi.h"

namespace freshet {
namespace {

constexpr const char* kEssential[] = {FRESHET_PLATFORM_ID, FRESHET_CRDT_ID, FRESHET_STORE_ID,
                                      FRESHET_BUS_ID,      FRESHET_AUTH_ID, FRESHET_PROTOCOL_ID};

bool offers(const TrialLoad& tried, std::string_view id) {
  return std::ranges::find(tried.offers, id) != tried.offers.end();
}

bool stays(const Manifest::Plugin& plugin, const TrialLoad& tried, bool marked) {
  if (marked && (plugin.essential || offers(tried, FRESHET_AUTH_ID))) return true;
  if (marked) return false;
  return std::ranges::any_of(kEssential, [&](const char* id) { return offers(tried, id); });
}

}  // namespace

void keep_essential(Manifest& manifest, const TrialLoads& tried, Log& log, Problems& problems) {
  const bool marked = std::ranges::any_of(manifest.plugins, &Manifest::Plugin::essential);
  std::vector<Manifest::Plugin> kept;
  std::string left_out, faulty;
  uint32_t line = 1;
  bool has_auth = false;
  for (size_t i = 0; i < manifest.plugins.size(); ++i) {
    Manifest::Plugin& plugin = manifest.plugins[i];
    if (tried[i].fault.empty() && stays(plugin, tried[i], marked)) {
      has_auth = has_auth || offers(tried[i], FRESHET_AUTH_ID);
      kept.push_back(std::move(plugin));
      continue;
    }
    if (tried[i].offers.empty()) {
      const std::string& fault = tried[i].fault;
      faulty = "\"" + plugin.use + "\" " + (fault.empty() ? "cannot be loaded" : fault);
      line = plugin.line;
      if (plugin.essential) problems.add(line, "plugin.use", faulty + ", and it is essential");
    }
    left_out += (left_out.empty() ? "" : ", ") + plugin.use;
  }
  // What it offers is not known: it may be what asks people who they are.
  if (!faulty.empty() && !has_auth && !manifest.server.open) {
    problems.add(line, "plugin.use",
                 faulty +
                     ", and may be what asks people who they are: take it out of the "
                     "manifest if it is not");
  }
  manifest.plugins = std::move(kept);
  log.warn("server",
           "safe mode: " + (left_out.empty() ? std::string("nothing was left out")
                                             : "left out: " + left_out +
                                                   "; rooms that are not stored yet begin empty"));
}

}  // namespace freshet
