// settings.h: what the manifest says of tokens and keys, judged.
#pragma once

#include <optional>
#include <string>

#include "auth-jwt/token/claims.h"
#include "auth-jwt/token/key_ring.h"
#include "auth-jwt/token/pluv_token.h"
#include "freshet/settings.h"

namespace freshet::jwt {

struct Settings {
  Policy policy;
  KeyRing keys;  // without those that files have
  std::optional<PluvKey> pluv;
  std::string api_key;                        // empty: no tokens over HTTP
  std::string token_route, pluv_token_route;  // the second: empty if there is none

  static Settings read(Given given, Faults& faults);
};

}  // namespace freshet::jwt
