// core/signing/base64.h: bytes in a line of text, by libsodium.
#pragma once

#include <sodium.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace freshet {

inline std::string base64_of(std::span<const uint8_t> bytes) {
  constexpr int kVariant = sodium_base64_VARIANT_ORIGINAL;
  std::string out(sodium_base64_encoded_len(bytes.size(), kVariant), '\0');
  sodium_bin2base64(out.data(), out.size(), bytes.data(), bytes.size(), kVariant);
  out.pop_back();  // the NUL
  return out;
}

// False: it is not the base64 of so many bytes.
inline bool from_base64(std::string_view text, std::span<uint8_t> out) {
  size_t size = 0;
  const char* end = nullptr;
  return sodium_base642bin(out.data(), out.size(), text.data(), text.size(), nullptr, &size, &end,
                           sodium_base64_VARIANT_ORIGINAL) == 0 &&
         size == out.size() && end == text.data() + text.size();
}

}  // namespace freshet
