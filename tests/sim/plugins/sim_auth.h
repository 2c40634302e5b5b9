// tests/sim/plugins/sim_auth.h: an auth plugin that believes what the query says, or a token that
// is written like one.
//
//   token=w   may write          token=r   may read        token=denied   not in this room
//   no token, or any other: not authenticated
//
// Whoever says "user=ann" is ann, whoever does not is "sim".
#pragma once

#include <string>
#include <string_view>

#include "freshet/auth.h"

namespace freshet::sim {

class SimAuth final : public Auth {
 public:
  Status identify(const freshet_auth_request& request, Reply out) override {
    const std::string_view token = said(request, "token=");
    const std::string_view user = said(request, "user=");
    if (token == "denied") return Status::denied;
    if (token != "w" && token != "r") return Status::unauthenticated;
    const std::string json = R"({"id":")" + std::string(user.empty() ? "sim" : user) + "\"}";
    FRESHET_CHECK(out.write(FRESHET_AUTH_USER, std::string_view(json)));
    return out.write(FRESHET_AUTH_PERMISSION,
                     token == "w" ? FRESHET_READ_WRITE : FRESHET_READ_ONLY);
  }

 private:
  static std::string_view said(const freshet_auth_request& request, std::string_view key) {
    const std::string_view target =
        request.token.data != nullptr ? view(request.token) : view(request.request->target);
    const size_t at = target.find(key);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = target.substr(at + key.size());
    return rest.substr(0, rest.find('&'));
  }
};

}  // namespace freshet::sim
