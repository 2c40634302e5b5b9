#include "core/http/page.h"

#include <string_view>

#include "freshet/sink.h"

namespace freshet {

void respond(const freshet_platform& platform, freshet_exchange* exchange, const Page& page) {
  std::vector<freshet_header> headers;
  if (!page.type.empty()) {
    headers.push_back({to_c(std::string_view("Content-Type")), to_c(std::string_view(page.type))});
  }
  for (const auto& [name, value] : page.headers) {
    headers.push_back({to_c(std::string_view(name)), to_c(std::string_view(value))});
  }
  freshet_response response{};
  response.size = sizeof(response);
  response.status = page.status;
  response.headers = headers.data();
  response.header_count = headers.size();
  response.body = to_c(as_bytes(page.body));
  platform.respond(platform.self, exchange, &response);
}

}  // namespace freshet
