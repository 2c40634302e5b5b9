#include "base64.h"

#include <openssl/evp.h>

#include <algorithm>
#include <limits>

namespace freshet::pluv {
namespace {

// What OpenSSL counts in an int, in whole groups.
constexpr size_t kPart = size_t{3} << 24;

}  // namespace

uint8_t* put_base64(uint8_t* at, Bytes bytes) {
  while (!bytes.empty()) {
    const Bytes part = bytes.first(std::min(bytes.size(), kPart));
    at += EVP_EncodeBlock(at, part.data(), static_cast<int>(part.size()));
    bytes = bytes.subspan(part.size());
  }
  return at;
}

bool decode_base64(std::string_view text, std::vector<uint8_t>& out) {
  out.clear();
  if (text.empty()) return true;
  if (text.size() % 4 != 0 || text.size() > std::numeric_limits<int>::max()) return false;
  // OpenSSL takes padding anywhere, and white space around the text.
  const size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::string_view digits = text.substr(0, text.size() - padding);
  const bool plain = std::ranges::all_of(digits, [](char c) { return c > ' ' && c != '='; });
  if (!plain) return false;
  out.resize(text.size() / 4 * 3);
  const int size = EVP_DecodeBlock(out.data(), reinterpret_cast<const uint8_t*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0 || static_cast<size_t>(size) != out.size()) return false;
  out.resize(out.size() - padding);
  return true;
}

}  // namespace freshet::pluv
