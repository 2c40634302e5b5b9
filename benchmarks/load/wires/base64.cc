#include "base64.h"

#include <array>

namespace freshet::load {

namespace {

constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<int8_t, 256> values_of_letters() {
  std::array<int8_t, 256> values{};
  values.fill(-1);
  for (size_t i = 0; i < kLetters.size(); ++i) {
    values[static_cast<uint8_t>(kLetters[i])] = static_cast<int8_t>(i);
  }
  return values;
}
constexpr auto kValues = values_of_letters();

}  // namespace

void append_base64(Bytes bytes, std::string& out) {
  for (size_t at = 0; at < bytes.size(); at += 3) {
    const size_t left = bytes.size() - at;
    const unsigned group = unsigned{bytes[at]} << 16 |
                           (left > 1 ? unsigned{bytes[at + 1]} << 8 : 0) |
                           (left > 2 ? unsigned{bytes[at + 2]} : 0);
    for (unsigned i = 0; i < 4; ++i) {
      out.push_back(i <= left ? kLetters[group >> (18 - 6 * i) & 63] : '=');
    }
  }
}

bool read_base64(std::string_view text, std::vector<uint8_t>& out) {
  out.clear();
  if (text.size() % 4 != 0) return false;
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() % 4 == 1) return false;
  out.reserve(text.size() * 3 / 4);
  unsigned group = 0, bits = 0;
  for (const char letter : text) {
    const int value = kValues[static_cast<uint8_t>(letter)];
    if (value < 0) return false;
    group = group << 6 | static_cast<unsigned>(value);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out.push_back(static_cast<uint8_t>(group >> bits));
  }
  return true;
}

}  // namespace freshet::load
