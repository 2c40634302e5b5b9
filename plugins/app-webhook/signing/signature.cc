#include "app-webhook/signing/signature.h"

#include <sodium.h>

#include <array>

namespace freshet::webhook {
namespace {

std::string hex(Bytes bytes) {
  std::string out(bytes.size() * 2 + 1, '\0');
  sodium_bin2hex(out.data(), out.size(), bytes.data(), bytes.size());
  out.pop_back();
  return out;
}

}  // namespace

std::string hmac_sha256(std::string_view secret, std::string_view text) {
  std::array<uint8_t, crypto_auth_hmacsha256_BYTES> mac{};
  crypto_auth_hmacsha256_state state;
  const Bytes key = as_bytes(secret), message = as_bytes(text);
  crypto_auth_hmacsha256_init(&state, key.data(), key.size());
  crypto_auth_hmacsha256_update(&state, message.data(), message.size());
  crypto_auth_hmacsha256_final(&state, mac.data());
  sodium_memzero(&state, sizeof(state));
  return hex(mac);
}

std::string base64(Bytes bytes) {
  std::string out(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // its NUL
  return out;
}

bool decode_base64(std::string_view text, std::string& out) {
  out.resize(text.size() / 4 * 3);
  size_t size = 0;
  const bool good =
      sodium_base642bin(reinterpret_cast<unsigned char*>(out.data()), out.size(), text.data(),
                        text.size(), nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL) == 0;
  out.resize(good ? size : 0);
  return good;
}

std::string random_id() {
  std::array<uint8_t, kIdDigits / 2> bytes{};
  randombytes_buf(bytes.data(), bytes.size());
  return hex(bytes);
}

}  // namespace freshet::webhook
