// core/http/page.h: a response with a body of text, and its way out.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/loop/loop.h"
#include "freshet/abi/platform.h"

namespace freshet {

struct Page {
  uint16_t status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers = {};
};

// Sends the page from whatever shard the work ended on.
using Respond = std::function<void(Page)>;

// On the shard, or the thread, the request came to.
void respond(const freshet_platform& platform, freshet_exchange* exchange, const Page& page);
inline void respond(const Loop& loop, freshet_exchange* exchange, const Page& page) {
  respond(loop.platform(), exchange, page);
}

}  // namespace freshet
