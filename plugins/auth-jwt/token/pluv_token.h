// pluv_token.h: the tokens of pluv: encrypted, not signed (RFC 7516, compact form).
//
//   base64url({"alg":"dir","enc":"A256GCM"}) . (empty) . iv . ciphertext . tag
//
// The key is HKDF-SHA256 of the secret with an empty salt and pluv's own info text; the header as
// it stands is the additional data. Who can read such a token can also write one: it is believed
// because it decrypts. Source: tokens of pluv 5, and RFC 5869.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth-jwt/keys/key.h"

namespace freshet::jwt {

// True if this has the five parts of an encrypted token; nothing is said about what is in them.
bool looks_encrypted(std::string_view token);

// Immutable; used by any number of threads at once.
class PluvKey {
 public:
  static constexpr size_t kBytes = 32;

  // Nothing if the library fails. REQUIRES: the secret is not empty.
  static std::optional<PluvKey> of_secret(std::string_view secret);

  Bytes bytes() const { return key_.bytes(); }

  // The claims, not looked at; nothing, and what is wrong in `why`, if this key did not make it.
  std::optional<std::string> open(std::string_view token, std::string& why) const;

  // The compact form of claims that are a JSON object; nothing if the library fails.
  std::optional<std::string> seal(std::string_view claims) const;

 private:
  explicit PluvKey(Secret key) : key_(std::move(key)) {}

  Secret key_;
};

}  // namespace freshet::jwt
