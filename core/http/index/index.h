// core/http/index/index.h: the first page of the public listener: what this server is, a demo if it
// has one, and how to connect, with the address by which its reader came.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/http/page.h"
#include "core/http/parts.h"
#include "core/http/route.h"

namespace freshet {

class Index {
 public:
  // `routes`: of plugins. Outlive this.
  Index(const HttpParts& parts, const std::vector<Route>& routes)
      : parts_(parts), routes_(routes) {}

  Page page(const freshet_request& request) const;

 private:
  const Route* route_of(std::string_view plugin) const;  // its first; null: none
  std::string demo() const;
  std::string connecting(std::string_view site) const;  // what protocols say to a developer
  std::string made_of(std::string_view site) const;
  std::string further() const;

  const HttpParts& parts_;
  const std::vector<Route>& routes_;
};

}  // namespace freshet
