// evp_signature.h: RS256 and ES256 on OpenSSL.
#pragma once

#include <openssl/evp.h>

#include <optional>
#include <string_view>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::jwt {

// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518, section 3.3).
bool verify_rs256(EVP_PKEY* key, std::string_view text, Bytes signature);
std::optional<std::vector<uint8_t>> sign_rs256(EVP_PKEY* key, std::string_view text);

// ECDSA on P-256 with SHA-256; the signature is r and s, 32 bytes each (section 3.4).
bool verify_es256(EVP_PKEY* key, std::string_view text, Bytes signature);
std::optional<std::vector<uint8_t>> sign_es256(EVP_PKEY* key, std::string_view text);

}  // namespace freshet::jwt
