// tests/sim/plugins/sim_auth.h: an auth plugin that believes what the query says.
//
//   token=w   may write          token=r   may read        token=denied   not in this room
//   no token, or any other: not authenticated
#pragma once

#include <string_view>

#include "freshet/auth.h"

namespace freshet::sim {

class SimAuth final : public Auth {
 public:
  Status identify(const freshet_auth_request& request, Reply out) override {
    const std::string_view target = view(request.request->target);
    const size_t at = target.find("token=");
    const std::string_view rest = at == std::string_view::npos ? "" : target.substr(at + 6);
    const std::string_view token = rest.substr(0, rest.find('&'));
    if (token == "denied") return Status::denied;
    if (token != "w" && token != "r") return Status::unauthenticated;
    FRESHET_CHECK(out.write(FRESHET_AUTH_USER, std::string_view(R"({"id":"sim"})")));
    return out.write(FRESHET_AUTH_PERMISSION,
                     token == "w" ? FRESHET_READ_WRITE : FRESHET_READ_ONLY);
  }
};

}  // namespace freshet::sim
