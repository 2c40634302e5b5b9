// token_route.h: what a backend that asks for a pluv token says over HTTP, and what it is told.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "freshet/abi/platform.h"

namespace freshet::jwt {

// A request for a token: {"room", "user": {"id", …}, "maxAge": milliseconds or null}, with the key
// as `Authorization: Bearer <key>`, or as pluv's backends send it: "secretKey" beside "publicKey".
struct TokenRequest {
  std::string room;
  std::string user;  // JSON
  std::string user_id;
  int64_t max_age_ms = 0;
};

// What the body asks for; `key` is what came as the key, empty if nothing did. Nothing, and what is
// wrong in `why`, if it is no such request.
std::optional<TokenRequest> read_token_request(const freshet_request& request, std::string& key,
                                               std::string& why);

// The claims of a pluv token. `id`: random, so that no two tokens are the same.
std::string pluv_claims(const TokenRequest& request, uint64_t now_ms, std::string_view id);

// Compares in a time that does not tell where the two differ.
bool same_key(std::string_view a, std::string_view b);

}  // namespace freshet::jwt
