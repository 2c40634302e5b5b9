#include "json.h"

#include <cstdint>

namespace freshet::yjs {
namespace {

class JsonText {
 public:
  explicit JsonText(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool one_value(unsigned max_depth) {
    if (!value(max_depth)) return false;
    space();
    return at_ == end_;
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }

  // The next byte, 0 at the end: no value has a 0 in it.
  char peek() const { return at_ < end_ ? *at_ : '\0'; }

  bool take(char c) {
    if (peek() != c || at_ == end_) return false;
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

  bool value(unsigned depth_left) {
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
      if (!take(':') || !value(depth_left)) return false;
      space();
    } while (take(','));
    return take('}');
  }

  bool array(unsigned depth_left) {
    ++at_;
    space();
    if (take(']')) return true;
    do {
      if (!value(depth_left)) return false;
      space();
    } while (take(','));
    return take(']');
  }

  bool string() {
    if (!take('"')) return false;
    while (at_ < end_) {
      const char c = *at_++;
      if (c == '"') return true;
      if (static_cast<uint8_t>(c) < 0x20) return false;
      if (c == '\\' && !escape()) return false;
    }
    return false;
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
};

}  // namespace

bool is_json(std::string_view text, unsigned max_depth) {
  return JsonText(text).one_value(max_depth);
}

}  // namespace freshet::yjs
