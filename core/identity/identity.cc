#include "core/identity/identity.h"

#include <nlohmann/json.hpp>

#include "freshet/sink.h"

namespace freshet {

bool Identity::set_user(std::string_view json) {
  const auto parsed = nlohmann::json::parse(json, nullptr, false);
  if (!parsed.is_object()) return false;
  user = json;
  const auto id = parsed.find("id");
  if (id != parsed.end() && id->is_string()) user_id = id->get<std::string>();
  return true;
}

freshet_identity Identity::c() const {
  return {.size = sizeof(freshet_identity),
          .user = user.empty() ? freshet_str{nullptr, 0} : to_c(std::string_view(user)),
          .permission = permission,
          .expires_unix_ms = expires_unix_ms};
}

Identity Identity::of(const freshet_identity& c) {
  Identity out{.user = "", .permission = c.permission, .expires_unix_ms = c.expires_unix_ms};
  if (c.user.size != 0) static_cast<void>(out.set_user(view(c.user)));
  return out;
}

}  // namespace freshet
