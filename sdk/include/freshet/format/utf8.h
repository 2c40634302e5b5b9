// freshet/format/utf8.h: strict UTF-8 (RFC 3629): no surrogates, no overlong forms, at most
// U+10FFFF.
#pragma once

#include <cstdint>
#include <cstring>

#include "freshet/bytes.h"

namespace freshet {

namespace detail {

// The length of the well-formed sequence at `at`, 0 if there is none. Table 3-7 of the Unicode
// standard: the first continuation byte has a narrower range after four of the lead bytes.
inline size_t utf8_sequence(const uint8_t* at, const uint8_t* end) {
  const uint8_t lead = *at;
  if (lead < 0x80) return 1;
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || static_cast<size_t>(end - at) < length) return 0;
  uint8_t low = 0x80, high = 0xbf;
  if (lead == 0xe0) low = 0xa0;
  if (lead == 0xed) high = 0x9f;
  if (lead == 0xf0) low = 0x90;
  if (lead == 0xf4) high = 0x8f;
  if (at[1] < low || at[1] > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((at[i] & 0xc0) != 0x80) return 0;
  }
  return length;
}

}  // namespace detail

inline bool valid_utf8(Bytes text) {
  const uint8_t* at = text.data();
  const uint8_t* const end = at + text.size();
  while (at < end) {
    // Eight ASCII bytes at a time: most text on this wire is.
    for (uint64_t word = 0; end - at >= 8; at += 8) {
      std::memcpy(&word, at, 8);
      if ((word & 0x8080808080808080u) != 0) break;
    }
    if (at == end) break;
    const size_t length = detail::utf8_sequence(at, end);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

// Length in UTF-16 code units, the unit of Yjs' clocks. REQUIRES: valid_utf8(text).
inline size_t utf16_length(Bytes text) {
  size_t units = 0;
  for (const uint8_t byte : text) units += size_t{(byte & 0xc0) != 0x80} + size_t{byte >= 0xf0};
  return units;
}

}  // namespace freshet
