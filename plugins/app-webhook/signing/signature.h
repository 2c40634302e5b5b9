// plugins/app-webhook/signing/signature.h: what a receiver knows the sender by.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "freshet/bytes.h"

namespace freshet::webhook {

// HMAC-SHA256 in lower-case hex.
std::string hmac_sha256(std::string_view secret, std::string_view text);

// Standard base64 with padding.
std::string base64(Bytes bytes);
// Replaces `out`. False: it is none.
bool decode_base64(std::string_view text, std::string& out);

// Of the name of an event.
inline constexpr size_t kIdDigits = 32;

// So many random hex digits.
std::string random_id();

}  // namespace freshet::webhook
