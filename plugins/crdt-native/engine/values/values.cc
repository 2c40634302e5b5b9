#include "values/values.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <vector>

#include "freshet/crdt/limits.h"

namespace freshet::crdt {

namespace {

uint64_t big_endian(Bytes bytes) {
  uint64_t value = 0;
  for (const uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}

// A scalar's payload. False for containers and unknown tags.
bool skip_scalar(Reader& in, uint8_t tag) {
  switch (tag) {
    case kAnyUndefined:
    case kAnyNull:
    case kAnyTrue:
    case kAnyFalse: return true;
    case kAnyInteger: in.varint(); return true;
    case kAnyFloat32: in.take(4); return true;
    case kAnyFloat64:
    case kAnyInt64: in.take(8); return true;
    case kAnyString: in.string(); return true;
    case kAnyBytes: in.bytes(); return true;
    default: return false;
  }
}

}  // namespace

void skip_any(Reader& in, size_t& budget) {
  struct Level {
    uint64_t left;
    bool object;
  };
  std::array<Level, kMaxValueDepth> levels;
  size_t depth = 0;
  for (;;) {
    if (budget == 0 || !in.ok()) return in.fail();
    --budget;
    const uint8_t tag = in.u8();
    if (tag == kAnyArray || tag == kAnyObject) {
      const uint64_t count = in.varuint();
      // An element takes a byte at least, an entry two.
      if (depth == kMaxValueDepth || count > in.remaining() / (tag == kAnyObject ? 2 : 1)) {
        return in.fail();
      }
      levels[depth++] = {count, tag == kAnyObject};
    } else if (!skip_scalar(in, tag)) {
      return in.fail();
    }
    while (depth > 0 && levels[depth - 1].left == 0) --depth;
    if (depth == 0) return;
    --levels[depth - 1].left;
    if (levels[depth - 1].object) in.string();
  }
}

void copy_any(Reader& in, Writer& out) {
  struct Level {
    uint64_t left;
    bool object;
  };
  std::array<Level, kMaxValueDepth> levels;
  size_t depth = 0;
  for (;;) {
    const uint8_t tag = in.u8();
    out.u8(tag);
    switch (tag) {
      case kAnyArray:
      case kAnyObject: {
        const uint64_t count = in.varuint();
        out.varuint(count);
        levels[depth++] = {count, tag == kAnyObject};
        break;
      }
      case kAnyInteger: out.varint(in.varint()); break;
      case kAnyFloat32: out.raw(in.take(4)); break;
      case kAnyFloat64:
      case kAnyInt64: out.raw(in.take(8)); break;
      case kAnyString:
      case kAnyBytes: out.bytes(in.bytes()); break;
      default: break;
    }
    while (depth > 0 && levels[depth - 1].left == 0) --depth;
    if (depth == 0) return;
    --levels[depth - 1].left;
    if (levels[depth - 1].object) out.bytes(in.bytes());
  }
}

namespace {

// JSON text, checked against RFC 8259 without a tree.
class JsonChecker {
 public:
  explicit JsonChecker(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  bool run(size_t& budget) {
    size_t depth = 0;
    bool expect_value = true;
    for (;;) {
      space();
      if (at_ == end_) return false;
      if (expect_value) {
        if (budget == 0) return false;
        --budget;
        const char open = *at_;
        if (open == '[' || open == '{') {
          if (depth == kMaxValueDepth) return false;
          ++at_;
          closers_[depth++] = open == '[' ? ']' : '}';
          space();
          if (at_ < end_ && *at_ == closers_[depth - 1]) {
            ++at_;
            --depth;
          } else if (open == '{' ? !key() : at_ == end_) {
            return false;
          } else {
            continue;
          }
        } else if (!scalar()) {
          return false;
        }
      } else if (*at_ == ',') {
        ++at_;
        if (closers_[depth - 1] == '}' && !key()) return false;
        expect_value = true;
        continue;
      } else if (*at_ == closers_[depth - 1]) {
        ++at_;
        --depth;
      } else {
        return false;
      }
      if (depth == 0) break;
      expect_value = false;
    }
    space();
    return at_ == end_;
  }

 private:
  void space() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }
  bool key() {
    space();
    if (!string()) return false;
    space();
    return at_ < end_ && *at_++ == ':';
  }
  bool string() {
    if (at_ == end_ || *at_ != '"') return false;
    for (++at_; at_ < end_; ++at_) {
      const auto byte = static_cast<unsigned char>(*at_);
      if (byte == '"') return ++at_, true;
      if (byte < 0x20) return false;
      if (byte == '\\' && !escape()) return false;
    }
    return false;
  }
  bool escape() {
    if (++at_ == end_) return false;
    if (*at_ != 'u') return std::string_view("\"\\/bfnrt").find(*at_) != std::string_view::npos;
    if (end_ - at_ < 5) return false;
    for (int i = 0; i < 4; ++i) {
      if (std::isxdigit(static_cast<unsigned char>(*++at_)) == 0) return false;
    }
    return true;
  }
  bool digits() {
    const char* from = at_;
    while (at_ < end_ && *at_ >= '0' && *at_ <= '9') ++at_;
    return at_ != from;
  }
  bool number() {
    if (*at_ == '-') ++at_;
    if (at_ < end_ && *at_ == '0') {
      ++at_;
    } else if (!digits()) {
      return false;
    }
    if (at_ < end_ && *at_ == '.' && (++at_, !digits())) return false;
    if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
      ++at_;
      if (at_ < end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      return digits();
    }
    return true;
  }
  bool scalar() {
    if (*at_ == '"') return string();
    const std::string_view rest(at_, static_cast<size_t>(end_ - at_));
    for (const std::string_view word : {"true", "false", "null"}) {
      if (rest.starts_with(word)) return at_ += word.size(), true;
    }
    return number();
  }

  const char* at_;
  const char* end_;
  std::array<char, kMaxValueDepth> closers_;
};

}  // namespace

bool valid_json(std::string_view text, size_t& budget) { return JsonChecker(text).run(budget); }

void append_json_string(std::string_view utf8, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : utf8) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\f': out += "\\f"; break;
      case '\r': out += "\\r"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += "\\u00";
          out += kHex[c >> 4];
          out += kHex[c & 15];
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

// ECMA-262 Number::toString: the shortest digits that read back, plain between 1e-7 and 1e21.
void append_json_number(double value, std::string& out) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  if (value == 0) {
    out += '0';
    return;
  }
  if (value < 0) out += '-';
  std::array<char, 40> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), std::fabs(value),
                                 std::chars_format::scientific)
                       .ptr;
  const std::string_view all(text.data(), static_cast<size_t>(end - text.data()));
  const size_t e = all.find('e');
  int exponent = 0;
  const char* exponent_at = all.data() + e + 1 + (all[e + 1] == '+' ? 1 : 0);
  std::from_chars(exponent_at, end, exponent);
  std::string digits(1, all[0]);
  if (e > 2) digits.append(all.substr(2, e - 2));
  const int count = static_cast<int>(digits.size());
  const int point = exponent + 1;  // digits before the decimal point
  if (count <= point && point <= 21) {
    out += digits;
    out.append(static_cast<size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    out.append(digits, 0, static_cast<size_t>(point));
    out += '.';
    out.append(digits, static_cast<size_t>(point));
  } else if (-6 < point && point <= 0) {
    out += "0.";
    out.append(static_cast<size_t>(-point), '0');
    out += digits;
  } else {
    out += digits[0];
    if (count > 1) (out += '.').append(digits, 1);
    out += exponent < 0 ? "e-" : "e+";
    out += std::to_string(std::abs(exponent));
  }
}

double any_float(Reader& in, uint8_t tag) {
  if (tag == kAnyFloat64) return std::bit_cast<double>(big_endian(in.take(8)));
  return double{std::bit_cast<float>(static_cast<uint32_t>(big_endian(in.take(4))))};
}

void append_any_number(double value, std::vector<uint8_t>& out) {
  Writer writer(out);
  if (std::trunc(value) == value && std::fabs(value) <= 2147483647.0) {
    writer.u8(kAnyInteger);
    return writer.varint({static_cast<uint64_t>(std::fabs(value)), std::signbit(value)});
  }
  const auto narrow = static_cast<float>(value);
  const bool fits = static_cast<double>(narrow) == value;
  const uint64_t bits = fits                ? uint64_t{std::bit_cast<uint32_t>(narrow)} << 32
                        : std::isnan(value) ? uint64_t{0x7ff8} << 48
                                            : std::bit_cast<uint64_t>(value);
  writer.u8(fits ? kAnyFloat32 : kAnyFloat64);
  for (int i = 0; i < (fits ? 4 : 8); ++i) writer.u8(static_cast<uint8_t>(bits >> (56 - 8 * i)));
}

namespace {

// A scalar other than undefined, as JSON text.
void append_scalar(Reader& in, uint8_t tag, std::string& out) {
  switch (tag) {
    case kAnyTrue: out += "true"; break;
    case kAnyFalse: out += "false"; break;
    case kAnyInteger: {
      const SignedMagnitude value = in.varint();
      if (value.negative && value.magnitude != 0) out += '-';
      out += std::to_string(value.magnitude);
      break;
    }
    case kAnyFloat32:
    case kAnyFloat64: append_json_number(any_float(in, tag), out); break;
    case kAnyInt64: out += std::to_string(static_cast<int64_t>(big_endian(in.take(8)))); break;
    case kAnyString: append_json_string(in.string(), out); break;
    case kAnyBytes: {
      out += '{';
      size_t index = 0;
      for (const uint8_t byte : in.bytes()) {
        if (index > 0) out += ',';
        ((out += '"') += std::to_string(index++)) += "\":";
        out += std::to_string(byte);
      }
      out += '}';
      break;
    }
    default: out += "null"; break;
  }
}

}  // namespace

bool append_any_json(Reader& in, std::string& out) {
  struct Level {
    uint64_t left;
    bool object;
    bool first;
  };
  std::vector<Level> levels;
  std::string_view key;
  for (;;) {
    const uint8_t tag = in.u8();
    if (levels.empty()) {
      if (tag == kAnyUndefined) return false;
    } else if (Level& level = levels.back(); !level.object || tag != kAnyUndefined) {
      if (!level.first) out += ',';
      level.first = false;
      if (level.object) {
        append_json_string(key, out);
        out += ':';
      }
    }
    if (tag == kAnyArray || tag == kAnyObject) {
      out += tag == kAnyArray ? '[' : '{';
      levels.push_back({in.varuint(), tag == kAnyObject, true});
    } else if (tag != kAnyUndefined) {
      append_scalar(in, tag, out);
    } else if (!levels.back().object) {
      out += "null";
    }
    while (!levels.empty() && levels.back().left == 0) {
      out += levels.back().object ? '}' : ']';
      levels.pop_back();
    }
    if (levels.empty() || !in.ok()) return true;
    --levels.back().left;
    if (levels.back().object) key = in.string();
  }
}

}  // namespace freshet::crdt
