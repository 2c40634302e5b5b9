// Frames, as tests write them down.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::hocuspocus {

inline std::string hex(Bytes bytes) {
  std::string out;
  for (const uint8_t byte : bytes) {
    out += "0123456789abcdef"[byte >> 4];
    out += "0123456789abcdef"[byte & 15];
  }
  return out;
}

// Digits, two a byte; "'" begins and ends text.
inline std::vector<uint8_t> frame(std::string_view text) {
  std::vector<uint8_t> out;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '\'') {
      const size_t end = text.find('\'', i + 1);
      out.push_back(static_cast<uint8_t>(end - i - 1));
      out.insert(out.end(), text.begin() + static_cast<ptrdiff_t>(i) + 1,
                 text.begin() + static_cast<ptrdiff_t>(end));
      i = end + 1;
    } else if (text[i] == ' ') {
      ++i;
    } else {
      out.push_back(static_cast<uint8_t>(std::stoul(std::string(text.substr(i, 2)), nullptr, 16)));
      i += 2;
    }
  }
  return out;
}

}  // namespace freshet::hocuspocus
