// pem.h: keys in the text form that openssl writes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth-jwt/keys/key.h"

namespace freshet::jwt {

// Every "PUBLIC KEY" block of the text, one at least. Nothing, and what is wrong in `why`, if there
// is none or one of them is no key of ours.
std::optional<std::vector<Key>> read_public_keys(std::string_view pem, std::string& why);

// The one "PRIVATE KEY" block of the text; not an encrypted one.
std::optional<Key> read_private_key(std::string_view pem, std::string id, std::string& why);

}  // namespace freshet::jwt
