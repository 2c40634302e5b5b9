// bearer.h: where in a request the token is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "freshet/abi/auth.h"

namespace freshet::jwt {

// What a client puts before the token in Sec-WebSocket-Protocol: a browser can set no other header.
inline constexpr std::string_view kSubprotocolPrefix = "freshet.token.";

struct Bearer {
  std::string token;             // as the client sent it
  std::string_view subprotocol;  // what carried it, if one did; borrowed from the request
};

// In this order: what the protocol read in-band, a subprotocol "freshet.token.<token>",
// `Authorization: Bearer <token>`, `?token=<token>`. The first that is there counts, good or not.
std::optional<Bearer> find_bearer(const freshet_auth_request& request);

}  // namespace freshet::jwt
