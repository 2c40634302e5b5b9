#include "core/report/printable.h"

#include "freshet/format/utf8.h"

namespace freshet {
namespace {

void escape(std::string& out, char c) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  const auto byte = static_cast<unsigned char>(c);
  out += "\\x";
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

}  // namespace

std::string printable(std::string_view text) {
  const bool utf8 = valid_utf8(as_bytes(text));
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F, which some terminals obey, are 0xc2 and then the code.
    const bool c1 =
        byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (c1 && utf8) {
      escape(out, text[++i]);
    } else if (is_control(text[i]) || (byte >= 0x80 && !utf8)) {
      escape(out, text[i]);
    } else {
      out += text[i];
    }
  }
  return out;
}

}  // namespace freshet
