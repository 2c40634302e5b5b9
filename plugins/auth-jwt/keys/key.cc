#include "auth-jwt/keys/key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <sodium.h>

#include "auth-jwt/keys/evp_signature.h"
#include "auth-jwt/limits.h"

namespace freshet::jwt {
namespace {

constexpr std::string_view kNames[] = {"HS256", "EdDSA", "RS256", "ES256"};
constexpr Algorithm kAlgorithms[] = {Algorithm::hs256, Algorithm::eddsa, Algorithm::rs256,
                                     Algorithm::es256};

std::array<uint8_t, crypto_auth_hmacsha256_BYTES> hmac_of(Bytes secret, std::string_view text) {
  std::array<uint8_t, crypto_auth_hmacsha256_BYTES> out;
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, secret.data(), secret.size());
  crypto_auth_hmacsha256_update(&state, as_bytes(text).data(), text.size());
  crypto_auth_hmacsha256_final(&state, out.data());
  sodium_memzero(&state, sizeof(state));
  return out;
}

bool is_p256(const EVP_PKEY* key) {
  char group[64];
  size_t size = 0;
  const bool known = EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group,
                                                    sizeof(group), &size) == 1;
  ERR_clear_error();
  return known && std::string_view(group, size) == "prime256v1";
}

}  // namespace

std::string_view name_of(Algorithm algorithm) { return kNames[static_cast<size_t>(algorithm)]; }

std::optional<Algorithm> algorithm_named(std::string_view name) {
  for (const Algorithm algorithm : kAlgorithms) {
    if (name_of(algorithm) == name) return algorithm;
  }
  return std::nullopt;
}

Secret::~Secret() { sodium_memzero(bytes_.data(), bytes_.size()); }

std::optional<Key> Key::hmac(Bytes secret, std::string id, std::string& why) {
  if (secret.size() < kMinSecretBytes) {
    why = std::to_string(secret.size()) + " bytes; HS256 needs at least " +
          std::to_string(kMinSecretBytes) + " (openssl rand -base64 32)";
    return std::nullopt;
  }
  return Key(Algorithm::hs256, Secret(secret), true, std::move(id));
}

std::optional<Key> Key::asymmetric(EvpKey key, bool is_private, std::string id, std::string& why) {
  switch (EVP_PKEY_get_base_id(key.get())) {
    case EVP_PKEY_ED25519: return ed25519(key.get(), is_private, std::move(id), why);
    case EVP_PKEY_RSA: {
      const int bits = EVP_PKEY_get_bits(key.get());
      if (bits < kMinRsaBits || bits > kMaxRsaBits) {
        why = "an RSA key of " + std::to_string(bits) + " bits; RS256 takes " +
              std::to_string(kMinRsaBits) + " to " + std::to_string(kMaxRsaBits);
        return std::nullopt;
      }
      return Key(Algorithm::rs256, std::move(key), is_private, std::move(id));
    }
    case EVP_PKEY_EC:
      if (!is_p256(key.get())) {
        why = "an elliptic curve key that is not on P-256; ES256 takes no other";
        return std::nullopt;
      }
      return Key(Algorithm::es256, std::move(key), is_private, std::move(id));
    default: why = "neither RSA, P-256 nor Ed25519"; return std::nullopt;
  }
}

std::optional<Key> Key::ed25519(const EVP_PKEY* key, bool is_private, std::string id,
                                std::string& why) {
  std::array<uint8_t, crypto_sign_PUBLICKEYBYTES> public_key;
  std::array<uint8_t, crypto_sign_SEEDBYTES> seed{};
  std::array<uint8_t, crypto_sign_SECRETKEYBYTES> secret_key{};
  size_t size = public_key.size();
  bool read =
      EVP_PKEY_get_raw_public_key(key, public_key.data(), &size) == 1 && size == public_key.size();
  if (read && is_private) {
    size = seed.size();
    read = EVP_PKEY_get_raw_private_key(key, seed.data(), &size) == 1 && size == seed.size() &&
           crypto_sign_seed_keypair(public_key.data(), secret_key.data(), seed.data()) == 0;
  }
  std::optional<Key> out;
  if (read) {
    const Bytes secret = is_private ? Bytes(secret_key) : Bytes{};
    out = Key(Algorithm::eddsa, Ed25519{public_key, Secret(secret)}, is_private, std::move(id));
  } else {
    ERR_clear_error();
    why = "an Ed25519 key that cannot be read";
  }
  sodium_memzero(seed.data(), seed.size());
  sodium_memzero(secret_key.data(), secret_key.size());
  return out;
}

bool Key::verify(std::string_view text, Bytes signature) const {
  switch (algorithm_) {
    case Algorithm::hs256: {
      const auto expected = hmac_of(std::get<Secret>(material_).bytes(), text);
      return signature.size() == expected.size() &&
             sodium_memcmp(signature.data(), expected.data(), expected.size()) == 0;
    }
    case Algorithm::eddsa:
      return signature.size() == crypto_sign_BYTES &&
             crypto_sign_verify_detached(signature.data(), as_bytes(text).data(), text.size(),
                                         std::get<Ed25519>(material_).public_key.data()) == 0;
    case Algorithm::rs256: return verify_rs256(std::get<EvpKey>(material_).get(), text, signature);
    case Algorithm::es256: return verify_es256(std::get<EvpKey>(material_).get(), text, signature);
  }
  return false;
}

std::optional<std::vector<uint8_t>> Key::sign(std::string_view text) const {
  switch (algorithm_) {
    case Algorithm::hs256: {
      const auto out = hmac_of(std::get<Secret>(material_).bytes(), text);
      return std::vector<uint8_t>(out.begin(), out.end());
    }
    case Algorithm::eddsa: {
      std::vector<uint8_t> out(crypto_sign_BYTES);
      crypto_sign_detached(out.data(), nullptr, as_bytes(text).data(), text.size(),
                           std::get<Ed25519>(material_).secret_key.bytes().data());
      return out;
    }
    case Algorithm::rs256: return sign_rs256(std::get<EvpKey>(material_).get(), text);
    case Algorithm::es256: return sign_es256(std::get<EvpKey>(material_).get(), text);
  }
  return std::nullopt;
}

}  // namespace freshet::jwt
