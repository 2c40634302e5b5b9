// freshet/format/shown_name.h: a name that a peer gave, for a line of the log.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace freshet {

inline constexpr size_t kMaxLoggedNameBytes = 120;

// Names are any bytes: what is not printable ASCII is shown as \xNN, and long ones are cut.
inline std::string shown_name(std::string_view name) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (const char c : name.substr(0, kMaxLoggedNameBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\') {
      out += c;
    } else {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  if (name.size() > kMaxLoggedNameBytes) out += "...";
  return out;
}

}  // namespace freshet
