#include "auth-jwt/text/base64.h"

#include <sodium.h>

#include <algorithm>

namespace freshet::jwt {
namespace {

std::optional<std::vector<uint8_t>> decoded(std::string_view text, int variant) {
  // libsodium 1.0.18 takes every byte from 0x80 on for the last letter of the alphabet, so that a
  // token could be changed and still verify.
  const bool ascii =
      std::all_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; });
  if (!ascii) return std::nullopt;
  std::vector<uint8_t> out(text.size() / 4 * 3 + 3);
  size_t size = 0;
  const char* end = nullptr;
  if (sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, &end,
                        variant) != 0 ||
      end != text.data() + text.size()) {
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

}  // namespace

std::optional<std::vector<uint8_t>> from_base64url(std::string_view text) {
  return decoded(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

std::optional<std::vector<uint8_t>> from_base64(std::string_view text) {
  return decoded(text, sodium_base64_VARIANT_ORIGINAL);
}

std::string to_base64url(Bytes bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string out(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(), kVariant);
  out.pop_back();  // its terminator
  return out;
}

}  // namespace freshet::jwt
