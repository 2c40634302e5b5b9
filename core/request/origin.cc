#include "core/request/origin.h"

#include "freshet/format/request.h"
#include "freshet/format/url.h"

namespace freshet {

std::optional<std::string_view> origin_of(const freshet_request& request) {
  return RequestReader(request).header("origin");
}

// By name only: what a name resolves to is for the page's owner to say, and may be this machine.
bool is_local_origin(std::string_view origin) {
  const size_t scheme = origin.find("://");
  if (scheme == std::string_view::npos) return false;
  std::string_view host = origin.substr(scheme + 3);
  if (host.starts_with("[")) return host.substr(0, host.find(']') + 1) == "[::1]";
  host = host.substr(0, host.find(':'));
  return equal_without_case(host, "localhost") || host == "127.0.0.1";
}

}  // namespace freshet
