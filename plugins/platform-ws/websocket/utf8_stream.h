// utf8_stream.h: strict UTF-8 that arrives in pieces.
#pragma once

#include <cstdint>
#include <cstring>

#include "freshet/bytes.h"

namespace freshet::ws {

// Fails at the first byte that no well-formed text could have there. The ranges are Table 3-7 of
// the Unicode standard; freshet/format/utf8.h has the same rules for text that is there whole.
class Utf8Stream {
 public:
  // False: not UTF-8, whatever follows.
  bool feed(Bytes piece) {
    const uint8_t* at = piece.data();
    const uint8_t* const end = at + piece.size();
    while (at < end) {
      if (missing_ == 0) {
        at = skip_ascii(at, end);
        if (at == end) break;
        if (!lead(*at++)) return false;
      } else {
        if (*at < low_ || *at > high_) return false;
        ++at;
        low_ = 0x80;
        high_ = 0xbf;
        --missing_;
      }
    }
    return true;
  }

  // No sequence is cut off.
  bool complete() const { return missing_ == 0; }
  void reset() { *this = {}; }

 private:
  static const uint8_t* skip_ascii(const uint8_t* at, const uint8_t* end) {
    for (uint64_t word = 0; end - at >= 8; at += 8) {
      std::memcpy(&word, at, 8);
      if ((word & 0x8080808080808080u) != 0) break;
    }
    while (at < end && *at < 0x80) ++at;
    return at;
  }

  bool lead(uint8_t byte) {
    if (byte < 0xc2 || byte > 0xf4) return false;
    missing_ = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
    if (byte == 0xe0) low_ = 0xa0;
    if (byte == 0xed) high_ = 0x9f;
    if (byte == 0xf0) low_ = 0x90;
    if (byte == 0xf4) high_ = 0x8f;
    return true;
  }

  uint8_t missing_ = 0;  // continuation bytes still to come
  uint8_t low_ = 0x80, high_ = 0xbf;
};

}  // namespace freshet::ws
