#include "msgpack_value.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <msgpack.hpp>

#include "freshet/format/json.h"
#include "freshet/format/utf8.h"
#include "limits.h"

namespace freshet::pluv {
namespace {

// ---- from JSON

// What msgpack::packer writes into.
struct Text {
  std::string& out;
  void write(const char* data, size_t size) { out.append(data, size); }
};

void append_string(std::string& out, std::string_view literal) {
  const std::string text = json_text_replaced(literal);
  Text to{out};
  msgpack::packer<Text> packer(to);
  packer.pack_str(static_cast<uint32_t>(text.size()));
  packer.pack_str_body(text.data(), static_cast<uint32_t>(text.size()));
}

void append_number(std::string& out, std::string_view number) {
  Text to{out};
  msgpack::packer<Text> packer(to);
  const char* const end = number.data() + number.size();
  if (number.starts_with('-')) {
    int64_t value = 0;
    const auto read = std::from_chars(number.data(), end, value);
    if (read.ec == std::errc() && read.ptr == end) return void(packer.pack_int64(value));
  } else {
    uint64_t value = 0;
    const auto read = std::from_chars(number.data(), end, value);
    if (read.ec == std::errc() && read.ptr == end) return void(packer.pack_uint64(value));
  }
  // Not from_chars: too large or too small is infinite or zero here, as JSON.parse has it.
  const double value = std::strtod(std::string(number).c_str(), nullptr);
  // The library would make an unsigned integer of the first number that is too large for one.
  constexpr double kTwoToThe64 = 18446744073709551616.0;
  static constexpr char kAsDouble[] = {'\xcb', '\x43', '\xf0', 0, 0, 0, 0, 0, 0};
  if (value == kTwoToThe64) return void(out.append(kAsDouble, sizeof(kAsDouble)));
  packer.pack_double(value);
}

// Writes one value for every value it is asked for, whatever the text is.
class FromJson {
 public:
  FromJson(std::string& out, std::string_view json) : out_(out), in_(json) {}

  void value(unsigned depth_left) {
    switch (in_.next()) {
      case '{': return object(depth_left);
      case '[': return array(depth_left);
      case '"': return append_string(out_, in_.value(0));
      case 't': return constant(kTrue);
      case 'f': return constant(kFalse);
      case 'n': return constant(kNil);
      default: return append_number(out_, in_.value(0));
    }
  }

 private:
  static constexpr char kNil = '\xc0', kFalse = '\xc2', kTrue = '\xc3';
  static constexpr char kArray32 = '\xdd', kMap32 = '\xdf';

  void constant(char byte) {
    in_.value(0);
    out_ += byte;
  }

  // How many there are is known when they have been read, so it is put in then.
  size_t open(char type) {
    out_ += type;
    out_.append(4, '\0');
    return out_.size();
  }
  void close(size_t opened, uint32_t count) {
    for (size_t i = 1; i <= 4; ++i, count >>= 8) out_[opened - i] = static_cast<char>(count & 0xff);
  }
  bool too_deep(unsigned depth_left) {
    if (depth_left > 0) return false;
    in_.value(kMaxDepth);
    out_ += kNil;
    return true;
  }

  void object(unsigned depth_left) {
    if (too_deep(depth_left)) return;
    const size_t opened = open(kMap32);
    uint32_t count = 0;
    in_.enter('{');
    for (std::string_view key = in_.key(); !key.empty(); key = in_.key(), ++count) {
      append_string(out_, key);
      value(depth_left - 1);
    }
    close(opened, count);
  }

  void array(unsigned depth_left) {
    if (too_deep(depth_left)) return;
    const size_t opened = open(kArray32);
    uint32_t count = 0;
    in_.enter('[');
    for (; in_.element(); ++count) value(depth_left - 1);
    close(opened, count);
  }

  std::string& out_;
  JsonReader in_;
};

// ---- to JSON

// What msgpack::parse tells of a message, as text. Any false ends it.
class ToJson : public msgpack::null_visitor {
 public:
  explicit ToJson(MsgpackText& out) : out_(out) {}

  bool visit_nil() { return word("null"); }
  bool visit_boolean(bool value) { return word(value ? "true" : "false"); }
  bool visit_positive_integer(uint64_t value) { return word(std::to_string(value)); }
  bool visit_negative_integer(int64_t value) { return word(std::to_string(value)); }
  bool visit_float32(float value) { return visit_float64(static_cast<double>(value)); }
  bool visit_float64(double value) {
    if (!std::isfinite(value)) return false;
    char text[32];
    const auto written = std::to_chars(std::begin(text), std::end(text), value);
    return word({text, written.ptr});
  }
  bool visit_str(const char* data, uint32_t size) {
    const std::string_view text(data, size);
    if (!valid_utf8(as_bytes(text))) return false;
    if (in_key_) note_key(text);
    append_json_string(out_.json, text);
    return true;
  }
  bool visit_bin(const char* data, uint32_t size) {
    if (in_key_ || depth_ != 2 || !in_data_ || !at_update_) return false;
    const Bytes bytes = as_bytes(std::string_view(data, size));
    out_.update.assign(bytes.begin(), bytes.end());
    out_.has_update = true;
    return word("\"\"");
  }
  bool visit_ext(const char*, uint32_t) { return false; }

  bool start_array(uint32_t) { return open('['); }
  bool start_array_item() { return comma('['); }
  bool end_array() { return close(']'); }

  bool start_map(uint32_t) { return open('{'); }
  bool start_map_key() {
    in_key_ = true;
    return comma('{');
  }
  bool end_map_key() {
    in_key_ = false;
    out_.json += ':';
    return true;
  }
  bool end_map() { return close('}'); }

 private:
  bool word(std::string_view text) {
    if (in_key_) return false;
    out_.json += text;
    return true;
  }
  bool open(char bracket) {
    // The message itself is one level.
    if (in_key_ || depth_ > kMaxDepth) return false;
    ++depth_;
    out_.json += bracket;
    return true;
  }
  bool comma(char bracket) {
    if (out_.json.back() != bracket) out_.json += ',';
    return true;
  }
  bool close(char bracket) {
    --depth_;
    out_.json += bracket;
    return true;
  }
  // Where in the message the next value is. Of two that are called the same the last counts, as it
  // does for the reader of the text.
  void note_key(std::string_view key) {
    if (depth_ > 2) return;
    if (depth_ == 1) in_data_ = key == "data";
    at_update_ = depth_ == 2 && key == "update";
    if (!in_data_ || (depth_ == 2 && !at_update_)) return;
    out_.update.clear();
    out_.has_update = false;
  }

  MsgpackText& out_;
  unsigned depth_ = 0;
  bool in_key_ = false, in_data_ = false, at_update_ = false;
};

}  // namespace

void append_msgpack(std::string& out, std::string_view json) {
  FromJson(out, json).value(kMaxDepth);
}

bool read_msgpack(Bytes frame, MsgpackText& out) {
  out = {};
  ToJson visitor(out);
  const std::string_view text = as_text(frame);
  size_t end = 0;
  return msgpack::parse(text.data(), text.size(), end, visitor) && end == text.size();
}

}  // namespace freshet::pluv
