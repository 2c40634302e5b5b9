// freshet/format/json.h: JSON read from front to back: every byte is looked at once, nothing is
// built.
//
// The grammar of RFC 8259, no more. An escaped lone surrogate ("\ud83d") is in that grammar, and
// JSON.stringify writes one for a name that was cut inside an emoji: parsers that insist on whole
// pairs, or on numbers a double can hold (simdjson 3.0, RapidJSON, nlohmann), would refuse a
// well-behaved client. What was read may be passed on as the slice of text it is.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace freshet {

// REQUIRES of all here: texts are valid UTF-8.

// A cursor in a text. Once something is not as the grammar has it, ok() stays false and everything
// answers empty.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool ok() const { return ok_; }
  // Nothing but white space follows.
  bool at_end() {
    space();
    return ok_ && at_ == end_;
  }

  // The first byte of the next value: '{', '[', '"', 't', 'f', 'n', or one of a number. 0: none.
  char next() {
    space();
    return ok_ ? peek() : '\0';
  }

  // One value, as it is written. Not ok if objects and arrays are nested deeper than `max_depth`.
  std::string_view value(unsigned max_depth) {
    space();
    const char* const begin = at_;
    if (!ok_ || !walk(max_depth)) return fail();
    return {begin, static_cast<size_t>(at_ - begin)};
  }

  // Steps into an object or an array.
  bool enter(char bracket) {
    space();
    first_ = true;
    if (ok_ && take(bracket)) return true;
    fail();
    return false;
  }

  // The next key of the object entered last, as it is written, quotes included; what follows is its
  // value. Empty: the object has ended (or !ok()). What is nested must be left before.
  std::string_view key() {
    if (!more('}')) return {};
    space();
    const char* const begin = at_;
    if (!string()) return fail();
    const std::string_view literal{begin, static_cast<size_t>(at_ - begin)};
    space();
    return take(':') ? literal : fail();
  }

  // True if the array entered last has another value.
  bool element() { return more(']'); }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }

  std::string_view fail() {
    ok_ = false;
    return {};
  }

  // The next byte, 0 at the end: no value has a 0 in it.
  char peek() const { return at_ < end_ ? *at_ : '\0'; }

  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  bool word(std::string_view expected) {
    if (!std::string_view(at_, static_cast<size_t>(end_ - at_)).starts_with(expected)) return false;
    at_ += expected.size();
    return true;
  }

  void space() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }

  bool more(char end) {
    if (!ok_) return false;
    space();
    const bool first = std::exchange(first_, false);
    if (take(end)) return false;
    if (!first && !take(',')) fail();
    return ok_;
  }

  bool walk(unsigned depth_left) {
    space();
    switch (peek()) {
      case '{': return depth_left > 0 && object(depth_left - 1);
      case '[': return depth_left > 0 && array(depth_left - 1);
      case '"': return string();
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }

  bool object(unsigned depth_left) {
    ++at_;
    space();
    if (take('}')) return true;
    do {
      space();
      if (!string()) return false;
      space();
      if (!take(':') || !walk(depth_left)) return false;
      space();
    } while (take(','));
    return take('}');
  }

  bool array(unsigned depth_left) {
    ++at_;
    space();
    if (take(']')) return true;
    do {
      if (!walk(depth_left)) return false;
      space();
    } while (take(','));
    return take(']');
  }

  // True if a quote, a backslash or a control character is among eight bytes.
  static bool special(uint64_t word) {
    constexpr uint64_t kOnes = 0x0101010101010101u, kHighs = 0x8080808080808080u;
    const uint64_t quote = word ^ (kOnes * '"'), slash = word ^ (kOnes * '\\');
    const uint64_t zeros = ((quote - kOnes) & ~quote) | ((slash - kOnes) & ~slash);
    const uint64_t control = (word - kOnes * 0x20) & ~word;
    return ((zeros | control) & kHighs) != 0;
  }

  bool string() {
    if (!take('"')) return false;
    for (;;) {
      for (uint64_t word = 0; end_ - at_ >= 8; at_ += 8) {
        std::memcpy(&word, at_, 8);
        if (special(word)) break;
      }
      if (at_ == end_) return false;
      const char c = *at_++;
      if (c == '"') return true;
      if (static_cast<uint8_t>(c) < 0x20) return false;
      if (c == '\\' && !escape()) return false;
    }
  }

  bool escape() {
    if (at_ == end_) return false;
    const char c = *at_++;
    if (c != 'u') return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
    for (int i = 0; i < 4; ++i) {
      if (!is_hex(peek())) return false;
      ++at_;
    }
    return true;
  }

  bool digits() {
    if (!is_digit(peek())) return false;
    while (is_digit(peek())) ++at_;
    return true;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (!take('+')) take('-');
      return digits();
    }
    return true;
  }

  const char* at_;
  const char* end_;
  bool ok_ = true;
  bool first_ = true;  // of the object or array entered last: nothing has been read of it
};

// True if `text` is one JSON value, nested no deeper than `max_depth`.
inline bool is_json(std::string_view text, unsigned max_depth) {
  JsonReader in(text);
  in.value(max_depth);
  return in.at_end();
}

namespace detail {

inline unsigned hex_value(std::string_view digits) {
  unsigned value = 0;
  for (const char c : digits) {
    const unsigned byte = static_cast<uint8_t>(c);
    value = value * 16 + (byte <= '9' ? byte - '0' : (byte & 0x5fu) - 'A' + 10u);
  }
  return value;
}

inline void append_utf8(std::string& out, uint32_t point) {
  const auto byte = [&](uint32_t bits) { out += static_cast<char>(bits); };
  if (point < 0x80) return byte(point);
  if (point < 0x800) {
    byte(0xc0 | point >> 6);
  } else {
    if (point < 0x10000) {
      byte(0xe0 | point >> 12);
    } else {
      byte(0xf0 | point >> 18);
      byte(0x80 | (point >> 12 & 0x3f));
    }
    byte(0x80 | (point >> 6 & 0x3f));
  }
  byte(0x80 | (point & 0x3f));
}

// The character of the escape at the front of `rest`, behind its backslash, which is taken off.
inline std::optional<uint32_t> unescape(std::string_view& rest) {
  const char c = rest.front();
  rest.remove_prefix(1);
  if (c != 'u') {
    constexpr std::string_view kNames = "\"\\/bfnrt", kMeant = "\"\\/\b\f\n\r\t";
    return static_cast<uint32_t>(static_cast<uint8_t>(kMeant[kNames.find(c)]));
  }
  uint32_t point = hex_value(rest.substr(0, 4));
  rest.remove_prefix(4);
  if (point < 0xd800 || point > 0xdfff) return point;
  if (point > 0xdbff || !rest.starts_with("\\u")) return std::nullopt;
  const uint32_t low = hex_value(rest.substr(2, 4));
  if (low < 0xdc00 || low > 0xdfff) return std::nullopt;
  rest.remove_prefix(6);
  return 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
}

// The text, and whether all of it could be said.
inline std::pair<std::string, bool> text_of(std::string_view literal) {
  constexpr uint32_t kReplacement = 0xfffd;
  std::string_view rest = literal.substr(1, literal.size() - 2);
  std::string text;
  bool whole = true;
  while (!rest.empty()) {
    const size_t plain = std::min(rest.find('\\'), rest.size());
    text += rest.substr(0, plain);
    rest.remove_prefix(plain);
    if (rest.empty()) break;
    rest.remove_prefix(1);
    const auto point = unescape(rest);
    whole = whole && point.has_value();
    append_utf8(text, point.value_or(kReplacement));
  }
  return {std::move(text), whole};
}

}  // namespace detail

// What a string as it is written means. Nothing if half a surrogate pair is in it, which no UTF-8
// can say. REQUIRES: a string literal that a JsonReader gave.
inline std::optional<std::string> json_text(std::string_view literal) {
  auto [text, whole] = detail::text_of(literal);
  if (!whole) return std::nullopt;
  return std::move(text);
}

// The same, with U+FFFD in the place of half a pair.
inline std::string json_text_replaced(std::string_view literal) {
  return detail::text_of(literal).first;
}

// Appends `text` as a string literal.
inline void append_json_string(std::string& out, std::string_view text) {
  constexpr char kDigits[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    if (byte < 0x20) {
      out += "\\u00";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

}  // namespace freshet
