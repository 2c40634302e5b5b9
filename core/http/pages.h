// core/http/pages.h: the pages the core answers itself, on the shard, behind no worker.
//
//   /          what this server is, and how to connect (public)
//   /healthz   it is up, and what of it hangs
//   /readyz    it takes updates, on every shard
//   /metrics   for Prometheus (admin)
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/http/index/index.h"
#include "core/http/page.h"
#include "core/http/parts.h"
#include "core/http/route.h"

namespace freshet {

class Pages {
 public:
  // `routes`: of plugins, as the index shows them. Outlive this.
  Pages(const HttpParts& parts, const std::vector<Route>& routes)
      : parts_(parts), index_(parts, routes) {}

  // What says whether the server is well, to whoever asks.
  static bool is_of_health(std::string_view path) {
    return path == "/healthz" || path == "/readyz";
  }
  // Nothing: none of the above.
  std::optional<Page> find(const Loop& loop, std::string_view path,
                           const freshet_request& request) const;

  // What is answered while no shard can: to all but those three, that it is so. [any]
  Page aside(const freshet_request& request) const;

 private:
  Page healthy() const;
  Page hanging() const;
  Page metrics() const;
  Page ready(const Loop& loop) const;

  const HttpParts& parts_;
  const Index index_;
};

}  // namespace freshet
