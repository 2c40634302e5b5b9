// base64.h: both alphabets, strictly: no white space, and bits that stand for nothing are zero, so
// that no two texts decode to the same bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::jwt {

// The alphabet of RFC 4648 section 5, without padding: what RFC 7515 calls base64url.
std::optional<std::vector<uint8_t>> from_base64url(std::string_view text);
std::string to_base64url(Bytes bytes);

// The common alphabet with padding, as `openssl rand -base64 32` prints it.
std::optional<std::vector<uint8_t>> from_base64(std::string_view text);

}  // namespace freshet::jwt
