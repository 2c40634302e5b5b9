#include "core/http/admin/admin_page.h"

#include <string>

namespace freshet::admin {

using Json = nlohmann::json;

Page json_page(const Json& json, uint16_t status) {
  // A name that is not UTF-8 cannot get in by a protocol, but may be in a store.
  return {.status = status,
          .type = "application/json",
          .body = json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"};
}

Page problem(uint16_t status, std::string_view what) {
  return json_page({{"error", what}}, status);
}

Page problem(Status status, std::string_view missing) {
  switch (status) {
    case Status::not_found: return problem(404, "no such " + std::string(missing));
    case Status::malformed: return problem(400, "the body is not an update");
    case Status::too_large: return problem(413, "too large");
    case Status::conflict: return problem(409, "it is there already, or is being changed");
    case Status::limit:
    case Status::retry: return problem(503, "the store does not answer now; try again");
    case Status::denied: return problem(403, "the store may not do that");
    case Status::unsupported: return problem(501, "this store cannot do that");
    default: return problem(500, name_of(status));
  }
}

}  // namespace freshet::admin
