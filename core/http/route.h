// core/http/route.h: where a plugin answers plain HTTP requests.
#pragma once

#include <string>

#include "core/loop/replies.h"
#include "freshet/abi/http.h"

namespace freshet {

struct Route {
  std::string prefix;  // a path, without a '/' at the end
  const freshet_http* http;
  Callee* answer;      // its one function
  uint32_t listeners;  // FRESHET_HTTP_ON_...
};

}  // namespace freshet
