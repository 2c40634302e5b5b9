// core/http/route_claims.h: which plugin serves which route. A path has one taker, or nobody could
// say which.
#pragma once

#include <string>
#include <vector>

#include "core/host/services.h"
#include "core/report/problems.h"

namespace freshet {

// For one kind of plugin: a protocol and a plain HTTP route may share a path, as an upgrade tells
// their requests apart. [main]
class RouteClaims {
 public:
  // Notes that `by` wants `route`. When another plugin has it, that is a problem of the manifest.
  template <class Table>
  void claim(const std::string& route, const Offered<Table>& by, Problems& problems) {
    claim({route, by.plugin, by.line}, problems);
  }

 private:
  struct Claim {
    std::string route, plugin;
    uint32_t line;
  };

  void claim(Claim wanted, Problems& problems) {
    for (const Claim& other : claims_) {
      if (other.route != wanted.route || other.plugin == wanted.plugin) continue;
      problems.add(wanted.line, "plugin.use",
                   "\"" + wanted.plugin + "\" claims the route " + wanted.route +
                       ", and so does \"" + other.plugin + "\" in line " +
                       std::to_string(other.line) +
                       ": give one of them another route in its settings");
      return;
    }
    claims_.push_back(std::move(wanted));
  }

  std::vector<Claim> claims_;
};

}  // namespace freshet
