// jwks.h: a JSON Web Key Set (RFC 7517) as keys.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth-jwt/keys/key.h"

namespace freshet::jwt {

// The keys of the set that verify HS256, EdDSA, RS256 or ES256; those for something else are left
// out. Private members are not looked at. Nothing, and what is wrong in `why`, if the text is no
// key set, a key is damaged or too weak, two have the same id and algorithm, or none is left. A set
// that is empty to begin with has no keys.
std::optional<std::vector<Key>> read_jwks(std::string_view text, std::string& why);

}  // namespace freshet::jwt
