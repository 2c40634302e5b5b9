// core/http/front.h: where requests come in: pages, routes of plugins, and upgrades to a protocol.
//
// A request is answered on the shard it came to.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/http/address_rates.h"
#include "core/loop/replies.h"
#include "core/report/metrics.h"
#include "core/report/problems.h"
#include "core/rooms/wire.h"
#include "core/shards/link.h"
#include "freshet/abi/http.h"
#include "freshet/abi/platform.h"

namespace freshet {

class Server;
class Shard;

// A response with a body of text.
struct Page {
  uint16_t status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

class Front {
 public:
  explicit Front(Server& server);
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  // Of the plugins that offer some; what two of them claim is a problem. [main]
  Status read_routes(Problems& problems);
  void on_request(Shard& shard, freshet_exchange* exchange, const freshet_request& request);
  // How many bytes of body the request may bring. [any]
  uint64_t body_limit(const freshet_request& head) const;

  static void respond(Shard& shard, freshet_exchange* exchange, const Page& page);

 private:
  struct Upgrade;

  // ---- upgrade.cc ----
  void upgrade(Shard& shard, freshet_exchange* exchange, const freshet_request& request);
  bool may_come(const freshet_request& request) const;
  void identify(Shard& shard, Upgrade upgrade, const freshet_request& request);
  void on_identified(Shard& shard, Upgrade upgrade, Status status, const ReplyItems& items);
  void admit(Shard& shard, Upgrade upgrade, Identity identity);
  void turn_away(Shard& shard, const Upgrade& upgrade, uint16_t code, std::string_view reason);

  // ---- pages.cc ----
  std::optional<Page> page(const Shard& shard, std::string_view path,
                           const freshet_request& request);
  Page ready(const Shard& shard);
  Page index();

  // ---- front.cc ----
  struct Route {
    std::string prefix;
    const freshet_http* http;
  };
  const Route* route_of(std::string_view path) const;  // the longest; null: none
  bool plugin_route(Shard& shard, freshet_exchange* exchange, const freshet_request& request);
  bool is_hasty(Shard& shard, const freshet_request& request);

  Server& server_;
  std::vector<Route> routes_;
  AddressRates rates_;  // of requests to them
  freshet_metric& limited_;
};

// True if `path` is `prefix`, or below it.
inline bool is_under(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace freshet
