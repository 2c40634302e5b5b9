// key.h: a key and the one algorithm it is for.
//
// A key never learns what algorithm a token claims: it verifies with its own. So a token cannot
// choose "none", and a public key cannot be used as the secret of an HMAC.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::jwt {

enum class Algorithm { hs256, eddsa, rs256, es256 };

std::string_view name_of(Algorithm algorithm);                    // as RFC 7518 and 8037 do
std::optional<Algorithm> algorithm_named(std::string_view name);  // exactly as written there

struct FreeEvp {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using EvpKey = std::unique_ptr<EVP_PKEY, FreeEvp>;

// Bytes that are wiped when they go.
class Secret {
 public:
  explicit Secret(Bytes bytes) : bytes_(bytes.begin(), bytes.end()) {}
  Secret(Secret&&) = default;
  Secret& operator=(Secret&& other) noexcept { return bytes_.swap(other.bytes_), *this; }
  ~Secret();

  Bytes bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
};

// Immutable; used by any number of threads at once. Each maker gives nothing, and says in `why`
// what is wrong, if the key is too weak or of a kind that no algorithm here uses.
class Key {
 public:
  static std::optional<Key> hmac(Bytes secret, std::string id, std::string& why);
  // The algorithm follows from the kind of key: RSA, P-256 or Ed25519. With its private half the
  // key can sign as well.
  static std::optional<Key> asymmetric(EvpKey key, bool is_private, std::string id,
                                       std::string& why);

  Algorithm algorithm() const { return algorithm_; }
  const std::string& id() const { return id_; }  // may be empty
  bool can_sign() const { return can_sign_; }

  bool verify(std::string_view text, Bytes signature) const;
  // REQUIRES: can_sign(). Nothing if the library fails.
  std::optional<std::vector<uint8_t>> sign(std::string_view text) const;

 private:
  struct Ed25519 {
    std::array<uint8_t, 32> public_key;
    Secret secret_key;  // 64 bytes, or none
  };
  using Material = std::variant<Secret, Ed25519, EvpKey>;

  Key(Algorithm algorithm, Material material, bool can_sign, std::string id)
      : algorithm_(algorithm),
        can_sign_(can_sign),
        id_(std::move(id)),
        material_(std::move(material)) {}

  static std::optional<Key> ed25519(const EVP_PKEY* key, bool is_private, std::string id,
                                    std::string& why);

  Algorithm algorithm_;
  bool can_sign_;
  std::string id_;
  Material material_;
};

}  // namespace freshet::jwt
