#include "auth-jwt/keys/jwks.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "auth-jwt/limits.h"
#include "auth-jwt/text/base64.h"
#include "auth-jwt/text/json_object.h"

namespace freshet::jwt {
namespace {

using nlohmann::json;

struct FreeBuilder {
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
};
struct FreeParams {
  void operator()(OSSL_PARAM* params) const { OSSL_PARAM_free(params); }
};
struct FreeKeyContext {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
struct FreeNumber {
  void operator()(BIGNUM* number) const { BN_free(number); }
};
using Builder = std::unique_ptr<OSSL_PARAM_BLD, FreeBuilder>;
using Params = std::unique_ptr<OSSL_PARAM, FreeParams>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, FreeKeyContext>;
using Number = std::unique_ptr<BIGNUM, FreeNumber>;

constexpr size_t kCurveBytes = 32;  // of a coordinate of P-256, and of an Ed25519 key

std::optional<std::vector<uint8_t>> bytes_member(const json& jwk, const char* name) {
  const std::string* text = text_member(jwk, name);
  return text == nullptr || text->empty() ? std::nullopt : from_base64url(*text);
}

EvpKey evp_of(const char* type, OSSL_PARAM_BLD* builder) {
  EVP_PKEY* key = nullptr;
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  if (params == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return EvpKey(key);
}

EvpKey rsa_of(const json& jwk) {
  const auto n = bytes_member(jwk, "n");
  const auto e = bytes_member(jwk, "e");
  if (!n || !e || n->size() > size_t{kMaxRsaBits} || e->size() > sizeof(uint64_t)) return nullptr;
  const Number modulus(BN_bin2bn(n->data(), static_cast<int>(n->size()), nullptr));
  const Number exponent(BN_bin2bn(e->data(), static_cast<int>(e->size()), nullptr));
  const Builder builder(OSSL_PARAM_BLD_new());
  if (modulus == nullptr || exponent == nullptr || builder == nullptr ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return nullptr;
  }
  return evp_of("RSA", builder.get());
}

// A point that is not on the curve is refused by OpenSSL.
EvpKey p256_of(const json& jwk) {
  const auto x = bytes_member(jwk, "x");
  const auto y = bytes_member(jwk, "y");
  if (!x || !y || x->size() != kCurveBytes || y->size() != kCurveBytes) return nullptr;
  std::vector<uint8_t> point{4};  // uncompressed
  point.insert(point.end(), x->begin(), x->end());
  point.insert(point.end(), y->begin(), y->end());
  const Builder builder(OSSL_PARAM_BLD_new());
  if (builder == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  return evp_of("EC", builder.get());
}

EvpKey ed25519_of(const json& jwk) {
  const auto x = bytes_member(jwk, "x");
  if (!x || x->size() != kCurveBytes) return nullptr;
  EvpKey key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, x->data(), x->size()));
  ERR_clear_error();
  return key;
}

// What a key is for by its kind alone; nothing if for nothing here.
std::optional<Algorithm> algorithm_of_kind(const json& jwk) {
  const std::string* type = text_member(jwk, "kty");
  const std::string* curve = text_member(jwk, "crv");
  if (type == nullptr) return std::nullopt;
  if (*type == "oct") return Algorithm::hs256;
  if (*type == "RSA") return Algorithm::rs256;
  if (*type == "EC" && curve != nullptr && *curve == "P-256") return Algorithm::es256;
  if (*type == "OKP" && curve != nullptr && *curve == "Ed25519") return Algorithm::eddsa;
  return std::nullopt;
}

// The algorithm this key verifies; nothing if the set has it for another purpose.
std::optional<Algorithm> purpose_of(const json& jwk) {
  const std::string* use = text_member(jwk, "use");
  const std::string* named = text_member(jwk, "alg");
  const json* operations = member(jwk, "key_ops");
  const auto algorithm = algorithm_of_kind(jwk);
  if (!algorithm || (use != nullptr && *use != "sig")) return std::nullopt;
  if (named != nullptr && *named != name_of(*algorithm)) return std::nullopt;
  if (operations != nullptr &&
      std::find(operations->begin(), operations->end(), "verify") == operations->end()) {
    return std::nullopt;
  }
  return algorithm;
}

std::optional<Key> key_of(const json& jwk, Algorithm algorithm, std::string id, std::string& why) {
  why = "its members are missing or damaged";
  if (algorithm == Algorithm::hs256) {
    const auto secret = bytes_member(jwk, "k");
    return secret ? Key::hmac(*secret, std::move(id), why) : std::nullopt;
  }
  EvpKey evp = algorithm == Algorithm::rs256   ? rsa_of(jwk)
               : algorithm == Algorithm::es256 ? p256_of(jwk)
                                               : ed25519_of(jwk);
  if (evp == nullptr) return std::nullopt;
  return Key::asymmetric(std::move(evp), false, std::move(id), why);
}

bool same_name(const Key& a, const Key& b) {
  return !a.id().empty() && a.id() == b.id() && a.algorithm() == b.algorithm();
}

}  // namespace

std::optional<std::vector<Key>> read_jwks(std::string_view text, std::string& why) {
  const auto refuse = [&](std::string reason) -> std::optional<std::vector<Key>> {
    why = std::move(reason);
    return std::nullopt;
  };
  const auto set = read_object(text);
  const json* list = set ? member(*set, "keys") : nullptr;
  if (list == nullptr || !list->is_array()) return refuse("not a JSON Web Key Set");
  if (list->size() > kMaxKeys) return refuse("more than " + std::to_string(kMaxKeys) + " keys");

  std::vector<Key> keys;
  for (size_t i = 0; i < list->size(); ++i) {
    const json& jwk = (*list)[i];
    if (!jwk.is_object()) return refuse("key " + std::to_string(i + 1) + ": not an object");
    const auto algorithm = purpose_of(jwk);
    if (!algorithm) continue;
    const std::string* id = text_member(jwk, "kid");
    std::string flaw;
    auto key = key_of(jwk, *algorithm, id == nullptr ? "" : *id, flaw);
    if (!key) return refuse("key " + std::to_string(i + 1) + ": " + flaw);
    const auto twin = [&](const Key& other) { return same_name(other, *key); };
    if (std::any_of(keys.begin(), keys.end(), twin)) {
      return refuse("key " + std::to_string(i + 1) + ": its kid is another's as well");
    }
    keys.push_back(*std::move(key));
  }
  if (keys.empty() && !list->empty()) return refuse("no key for HS256, EdDSA, RS256 or ES256");
  return keys;
}

}  // namespace freshet::jwt
