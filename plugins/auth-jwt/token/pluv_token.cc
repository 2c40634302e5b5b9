#include "auth-jwt/token/pluv_token.h"

#include <openssl/core_names.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <sodium.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "auth-jwt/limits.h"
#include "auth-jwt/text/base64.h"
#include "auth-jwt/text/json_object.h"

namespace freshet::jwt {
namespace {

constexpr std::string_view kInfo = "Pluv.io Generated Encryption Key";
constexpr std::string_view kHeader = R"({"alg":"dir","enc":"A256GCM"})";
constexpr size_t kParts = 5;
constexpr size_t kIvBytes = 12;
constexpr size_t kTagBytes = 16;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
  void operator()(EVP_KDF_CTX* context) const { EVP_KDF_CTX_free(context); }
  void operator()(EVP_KDF* kdf) const { EVP_KDF_free(kdf); }
};
using Cipher = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

// Header, encrypted key, iv, ciphertext, tag. Nothing if there are more or fewer.
std::optional<std::array<std::string_view, kParts>> parts_of(std::string_view token) {
  std::array<std::string_view, kParts> parts;
  for (size_t i = 0; i < kParts; ++i) {
    const size_t dot = token.find('.');
    const bool last = i + 1 == kParts;
    if ((dot == token.npos) != last) return std::nullopt;
    parts[i] = token.substr(0, dot);
    if (!last) token.remove_prefix(dot + 1);
  }
  return parts;
}

std::string flaw_of_header(std::string_view part) {
  const auto bytes = from_base64url(part);
  const auto header = bytes ? read_object(as_text(*bytes)) : std::nullopt;
  const std::string* alg = header ? text_member(*header, "alg") : nullptr;
  const std::string* enc = header ? text_member(*header, "enc") : nullptr;
  if (alg == nullptr || enc == nullptr) return "its header is not one of an encrypted token";
  if (*alg != "dir" || *enc != "A256GCM") return "it is not encrypted by dir and A256GCM";
  // RFC 7516, section 4.1.13: whoever does not know an extension that is critical must refuse.
  if (member(*header, "crit") != nullptr) return "it has a critical extension";
  return member(*header, "zip") != nullptr ? "it is compressed" : "";
}

}  // namespace

bool looks_encrypted(std::string_view token) {
  return std::ranges::count(token, '.') == static_cast<ptrdiff_t>(kParts) - 1;
}

std::optional<PluvKey> PluvKey::of_secret(std::string_view secret) {
  const std::unique_ptr<EVP_KDF, FreeContext> kdf(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const std::unique_ptr<EVP_KDF_CTX, FreeContext> context(EVP_KDF_CTX_new(kdf.get()));
  if (!context) return std::nullopt;
  std::string hash = "SHA256", ikm(secret), info(kInfo);
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash.data(), 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, ikm.data(), ikm.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end()};
  std::array<uint8_t, kBytes> key{};
  const bool made = EVP_KDF_derive(context.get(), key.data(), key.size(), params) == 1;
  sodium_memzero(ikm.data(), ikm.size());
  std::optional<PluvKey> out;
  if (made) out = PluvKey(Secret(key));
  sodium_memzero(key.data(), key.size());
  return out;
}

std::optional<std::string> PluvKey::open(std::string_view token, std::string& why) const {
  if (token.size() > kMaxTokenBytes) {
    why = "it is longer than " + std::to_string(kMaxTokenBytes) + " bytes";
    return std::nullopt;
  }
  const auto parts = parts_of(token);
  why = parts ? flaw_of_header((*parts)[0]) : "it does not have five parts";
  if (!why.empty()) return std::nullopt;
  why = "it was not encrypted with our secret, or was changed";
  const auto iv = from_base64url((*parts)[2]), sealed = from_base64url((*parts)[3]);
  auto tag = from_base64url((*parts)[4]);
  if (!(*parts)[1].empty() || !iv || iv->size() != kIvBytes || !sealed || !tag ||
      tag->size() != kTagBytes) {
    return std::nullopt;
  }
  const Cipher cipher(EVP_CIPHER_CTX_new());
  const Bytes aad = as_bytes((*parts)[0]);
  std::string claims(sealed->size(), '\0');
  int size = 0;
  const bool opened =
      cipher != nullptr &&
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes().data(), iv->data()) ==
          1 &&
      EVP_DecryptUpdate(cipher.get(), nullptr, &size, aad.data(), static_cast<int>(aad.size())) ==
          1 &&
      EVP_DecryptUpdate(cipher.get(), reinterpret_cast<uint8_t*>(claims.data()), &size,
                        sealed->data(), static_cast<int>(sealed->size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag->data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), nullptr, &size) == 1;
  if (!opened) return std::nullopt;
  why.clear();
  return claims;
}

std::optional<std::string> PluvKey::seal(std::string_view claims) const {
  const std::string header = to_base64url(as_bytes(kHeader));
  std::array<uint8_t, kIvBytes> iv{};
  randombytes_buf(iv.data(), iv.size());
  const Cipher cipher(EVP_CIPHER_CTX_new());
  std::vector<uint8_t> sealed(claims.size());
  std::array<uint8_t, kTagBytes> tag{};
  int size = 0;
  const Bytes aad = as_bytes(header), plain = as_bytes(claims);
  const bool made =
      cipher != nullptr && claims.size() <= kMaxTokenBytes &&
      EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes().data(), iv.data()) ==
          1 &&
      EVP_EncryptUpdate(cipher.get(), nullptr, &size, aad.data(), static_cast<int>(aad.size())) ==
          1 &&
      EVP_EncryptUpdate(cipher.get(), sealed.data(), &size, plain.data(),
                        static_cast<int>(plain.size())) == 1 &&
      EVP_EncryptFinal_ex(cipher.get(), nullptr, &size) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1;
  if (!made) return std::nullopt;
  return header + ".." + to_base64url(iv) + "." + to_base64url(sealed) + "." + to_base64url(tag);
}

}  // namespace freshet::jwt
