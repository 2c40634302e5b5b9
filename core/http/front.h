// core/http/front.h: where requests come in: pages, routes of plugins, and upgrades to a protocol.
//
// A request is answered on the shard it came to.
#pragma once

#include <string_view>
#include <vector>

#include "core/http/address_rates.h"
#include "core/http/admin/admin.h"
#include "core/http/admin/admin_door.h"
#include "core/http/pages.h"
#include "core/http/parts.h"
#include "core/http/route.h"
#include "core/http/upgrade.h"
#include "core/live/live.h"
#include "core/report/metrics.h"
#include "core/report/problems.h"
#include "core/shards/links.h"
#include "freshet/abi/platform.h"

namespace freshet {

class Front {
 public:
  explicit Front(const HttpParts& parts);
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  // Of the plugins that offer some; what two of them claim is a problem. [main]
  Status read_routes(Problems& problems);
  // Where who looks at the server is let in; null: nowhere. Outlives this. [main]
  void set_live(const Live* live) { live_ = live; }
  void on_request(Links& here, freshet_exchange* exchange, const freshet_request& request);
  // One that came while no shard can take it; answered before this returns. [any]
  void on_aside(freshet_exchange* exchange, const freshet_request& request) const;
  // How many bytes of body the request may bring. [any]
  uint64_t body_limit(const freshet_request& head) const;

 private:
  // The longest of those that are reached by one of `listeners`; null: none.
  const Route* route_of(std::string_view path, uint32_t listeners) const;
  bool plugin_route(Links& here, freshet_exchange* exchange, const freshet_request& request,
                    uint32_t listeners);
  void on_operator(Links& here, freshet_exchange* exchange, const freshet_request& request);
  bool on_looker(Links& here, freshet_exchange* exchange, const freshet_request& request);
  Page page_of_nothing(const freshet_request& request, std::string_view path) const;
  bool is_hasty(Links& here, const freshet_request& request);

  const HttpParts parts_;
  std::vector<std::unique_ptr<Callee>> callees_;  // one for each plugin that has routes
  std::vector<Route> routes_;
  const Pages pages_;
  Upgrades upgrades_;
  Admin admin_;
  const AdminDoor door_;
  const Live* live_ = nullptr;
  AddressRates rates_;  // of requests to them
  freshet_metric& limited_;
};

}  // namespace freshet
