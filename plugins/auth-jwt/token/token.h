// token.h: a JSON Web Token (RFC 7519) in its compact form, `header.claims.signature`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth-jwt/keys/key.h"

namespace freshet::jwt {

// What is known of a token before its signature is: nothing in it is to be believed yet.
struct Envelope {
  Algorithm algorithm;
  std::optional<std::string> key_id;
  std::string_view signed_text;  // header and claims as they stand; borrowed from the token
  std::vector<uint8_t> claims;   // not looked at
  std::vector<uint8_t> signature;
};

// Nothing, and what is wrong in `why`, if this is no token or one that asks for what is not done
// here: another algorithm, "none", encryption, a critical extension.
std::optional<Envelope> read_envelope(std::string_view token, std::string& why);

// True if `key` may have signed this: it has the algorithm, and the id if both have one.
bool may_have_signed(const Key& key, const Envelope& envelope);

// The signed compact form of claims that are a JSON object; nothing if the library fails.
// REQUIRES: key.can_sign().
std::optional<std::string> write_token(const Key& key, std::string_view claims);

}  // namespace freshet::jwt
