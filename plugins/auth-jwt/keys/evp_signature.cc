#include "auth-jwt/keys/evp_signature.h"

#include <openssl/ec.h>
#include <openssl/err.h>

#include <memory>

namespace freshet::jwt {
namespace {

constexpr int kCoordinateBytes = 32;

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

struct FreeEcdsa {
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
using Ecdsa = std::unique_ptr<ECDSA_SIG, FreeEcdsa>;

const uint8_t* bytes_of(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

// With SHA-256 and what the kind of key does by default: PKCS #1 v1.5 for RSA, ECDSA in DER.
bool verify(EVP_PKEY* key, std::string_view text, Bytes signature) {
  const Context context(EVP_MD_CTX_new());
  const bool valid =
      context != nullptr &&
      EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes_of(text),
                       text.size()) == 1;
  // What a failure left there would be taken for the next caller's on this thread.
  ERR_clear_error();
  return valid;
}

std::optional<std::vector<uint8_t>> sign(EVP_PKEY* key, std::string_view text) {
  const Context context(EVP_MD_CTX_new());
  size_t size = 0;
  std::vector<uint8_t> out;
  const auto run = [&] {
    if (context == nullptr ||
        EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key) != 1 ||
        EVP_DigestSign(context.get(), nullptr, &size, bytes_of(text), text.size()) != 1) {
      return false;
    }
    out.resize(size);
    return EVP_DigestSign(context.get(), out.data(), &size, bytes_of(text), text.size()) == 1;
  };
  const bool done = run();
  ERR_clear_error();
  if (!done) return std::nullopt;
  out.resize(size);
  return out;
}

}  // namespace

bool verify_rs256(EVP_PKEY* key, std::string_view text, Bytes signature) {
  return verify(key, text, signature);
}

std::optional<std::vector<uint8_t>> sign_rs256(EVP_PKEY* key, std::string_view text) {
  return sign(key, text);
}

bool verify_es256(EVP_PKEY* key, std::string_view text, Bytes signature) {
  if (signature.size() != 2 * kCoordinateBytes) return false;
  const Ecdsa parts(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(signature.data(), kCoordinateBytes, nullptr);
  BIGNUM* s = BN_bin2bn(signature.data() + kCoordinateBytes, kCoordinateBytes, nullptr);
  // On success the two belong to `parts`.
  if (parts == nullptr || ECDSA_SIG_set0(parts.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return false;
  }
  uint8_t* der = nullptr;
  const int size = i2d_ECDSA_SIG(parts.get(), &der);
  const std::unique_ptr<uint8_t, void (*)(uint8_t*)> owner(der,
                                                           [](uint8_t* p) { OPENSSL_free(p); });
  return size > 0 && verify(key, text, {der, static_cast<size_t>(size)});
}

std::optional<std::vector<uint8_t>> sign_es256(EVP_PKEY* key, std::string_view text) {
  const auto der = sign(key, text);
  if (!der) return std::nullopt;
  const uint8_t* at = der->data();
  const Ecdsa parts(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der->size())));
  std::vector<uint8_t> out(2 * kCoordinateBytes);
  if (parts == nullptr ||
      BN_bn2binpad(ECDSA_SIG_get0_r(parts.get()), out.data(), kCoordinateBytes) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(parts.get()), out.data() + kCoordinateBytes, kCoordinateBytes) <
          0) {
    ERR_clear_error();
    return std::nullopt;
  }
  return out;
}

}  // namespace freshet::jwt
