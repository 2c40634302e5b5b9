// core/identity/identity.h: who somebody is, as the auth plugin said.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "freshet/abi/auth.h"

namespace freshet {

// What everybody is told whose token is good but for its age.
inline constexpr std::string_view kTokenExpired = "the token has expired";

struct Identity {
  std::string user;          // JSON; empty: anonymous
  std::string user_id = {};  // of it
  uint32_t permission = FRESHET_READ_WRITE;
  uint64_t expires_unix_ms = UINT64_MAX;

  // False: `json` is not what abi/auth.h asks of it, and nothing is set.
  bool set_user(std::string_view json);

  freshet_identity c() const;  // borrowed
  static Identity of(const freshet_identity& c);
};

}  // namespace freshet
