#include "values/js_text.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "freshet/crdt/limits.h"
#include "freshet/format/codec.h"
#include "values/values.h"

namespace freshet::crdt {

bool utf16_less(std::string_view a, std::string_view b) {
  // Surrogates (UTF-8 leads 0xf0 and up) come before U+E000 to U+FFFF (leads 0xee and 0xef).
  const auto rank = [](char c) {
    const int byte = static_cast<unsigned char>(c);
    return byte < 0xee ? byte : byte >= 0xf0 ? byte - 2 : byte + 5;
  };
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(),
                                      [&](char x, char y) { return rank(x) < rank(y); });
}

namespace {

void append_js_number(double value, std::string& out) {
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "Infinity" : "-Infinity";
  } else {
    append_json_number(value, out);
  }
}

// Anything but an array.
void append_leaf(Bytes any, bool in_array, std::string& out) {
  Reader in(any);
  switch (const uint8_t tag = in.u8()) {
    case kAnyUndefined:
    case kAnyNull:
      if (!in_array) out += tag == kAnyNull ? "null" : "undefined";
      return;
    case kAnyObject: out += "[object Object]"; return;
    case kAnyString: out += in.string(); return;
    case kAnyFloat32:
    case kAnyFloat64: return append_js_number(any_float(in, tag), out);
    case kAnyBytes: {
      bool first = true;
      for (const uint8_t byte : in.bytes()) {
        if (!std::exchange(first, false)) out += ',';
        out += std::to_string(byte);
      }
      return;
    }
    default: {
      Reader again(any);
      append_any_json(again, out);
    }
  }
}

}  // namespace

// Arrays flatten to their elements with commas between, null and undefined to nothing in them.
void append_js_string_of_any(Bytes any, std::string& out) {
  struct Level {
    uint64_t left;
    bool first;
  };
  std::vector<Level> levels;
  Reader in(any);
  do {
    if (!levels.empty()) {
      Level& level = levels.back();
      if (level.left == 0) {
        levels.pop_back();
        continue;
      }
      --level.left;
      if (!std::exchange(level.first, false)) out += ',';
    }
    const Bytes rest = in.rest();
    if (rest[0] == kAnyArray) {
      in.u8();
      levels.push_back({in.varuint(), true});
    } else {
      size_t budget = kMaxStoredUpdateBytes;
      skip_any(in, budget);
      append_leaf(rest, !levels.empty(), out);
    }
  } while (!levels.empty());
}

}  // namespace freshet::crdt
