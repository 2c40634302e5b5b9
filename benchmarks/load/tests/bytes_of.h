// bytes_of.h: bytes as references write them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::load {

// "00 02 a8": blanks are for the eye.
inline std::vector<uint8_t> bytes_of(std::string_view hex) {
  std::vector<uint8_t> out;
  std::string pair;
  for (const char digit : hex) {
    if (digit == ' ') continue;
    pair.push_back(digit);
    if (pair.size() < 2) continue;
    out.push_back(static_cast<uint8_t>(std::stoul(pair, nullptr, 16)));
    pair.clear();
  }
  return out;
}

inline std::vector<uint8_t> copy_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace freshet::load
