// freshet/format/codec.h: the lib0 byte format, both ways.
//
//   varuint   little-endian groups of 7 bits, bit 7 = more follows; values below 2^53
//   varint    first byte: bit 7 more, bit 6 sign, 6 value bits; then groups of 7
//   bytes     varuint length, bytes          string   the same, strict UTF-8
//
// Source: lib0's encoding.js and decoding.js, as Yjs and y-protocols use them.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "freshet/bytes.h"
#include "freshet/format/utf8.h"

namespace freshet {

inline constexpr uint64_t kMaxSafeInteger = (uint64_t{1} << 53) - 1;

// lib0 keeps the sign of zero, and run-length columns give it a meaning.
struct SignedMagnitude {
  uint64_t magnitude;
  bool negative;
};

// Never throws and never reads out of bounds. After the first bad read it is stuck at the end and
// every further read returns zero or empty: read a whole item, then check ok() once.
class Reader {
 public:
  explicit Reader(Bytes in) : begin_(in.data()), at_(in.data()), end_(in.data() + in.size()) {}

  bool ok() const { return ok_; }
  bool at_end() const { return at_ == end_; }
  size_t remaining() const { return static_cast<size_t>(end_ - at_); }
  size_t offset() const { return static_cast<size_t>(at_ - begin_); }
  Bytes rest() const { return {at_, end_}; }

  // False once a number was read that a writer would have made shorter.
  bool shortest() const { return shortest_; }

  uint8_t u8() {
    if (at_ == end_) [[unlikely]]
      return fail(), uint8_t{0};
    return *at_++;
  }

  uint64_t varuint() {
    if (at_ < end_ && *at_ < 0x80) [[likely]]
      return *at_++;
    return varuint_slow();
  }

  SignedMagnitude varint() {
    const uint8_t first = u8();
    const bool negative = (first & 0x40) != 0;
    uint64_t magnitude = first & 0x3f;
    if ((first & 0x80) != 0) magnitude |= groups(6);
    if (magnitude > kMaxSafeInteger) fail();
    return ok_ ? SignedMagnitude{magnitude, negative} : SignedMagnitude{0, false};
  }

  // Borrows `count` bytes from the input.
  Bytes take(uint64_t count) {
    if (count > remaining()) [[unlikely]]
      return fail(), Bytes{};
    const uint8_t* from = at_;
    at_ += count;
    return {from, at_};
  }

  // Borrows from the input.
  Bytes bytes() { return take(varuint()); }

  // Borrows from the input; bad UTF-8 is a bad read.
  std::string_view string() {
    const Bytes raw = bytes();
    if (!valid_utf8(raw)) [[unlikely]]
      return fail(), std::string_view{};
    return as_text(raw);
  }

  // Marks the input as bad, for what only the caller can judge.
  void fail() {
    ok_ = false;
    at_ = end_;
  }

 private:
  uint64_t varuint_slow() {
    const uint64_t value = groups(0);
    if (value > kMaxSafeInteger) return fail(), uint64_t{0};
    return value;
  }

  // Groups of 7 bits, the first of them at bit `shift`. Ends before a bit could fall off the top
  // and leave a small number.
  uint64_t groups(unsigned shift) {
    uint64_t value = 0;
    for (; shift <= 64 - 7 && at_ < end_; shift += 7) {
      const uint8_t byte = *at_++;
      value |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80) {
        if (byte == 0) shortest_ = false;
        return value;
      }
    }
    fail();
    return 0;
  }

  const uint8_t* begin_;
  const uint8_t* at_;
  const uint8_t* end_;
  bool ok_ = true;
  bool shortest_ = true;
};

// Appends to a buffer the caller owns, so that one buffer serves many messages.
class Writer {
 public:
  explicit Writer(std::vector<uint8_t>& out) : out_(out) {}

  void u8(uint8_t byte) { out_.push_back(byte); }

  void varuint(uint64_t value) {
    for (; value > 0x7f; value >>= 7) out_.push_back(static_cast<uint8_t>(value | 0x80));
    out_.push_back(static_cast<uint8_t>(value));
  }

  void varint(SignedMagnitude value) {
    uint64_t rest = value.magnitude >> 6;
    out_.push_back(static_cast<uint8_t>((rest != 0 ? 0x80 : 0) | (value.negative ? 0x40 : 0) |
                                        (value.magnitude & 0x3f)));
    if (rest != 0) varuint(rest);
  }

  // Bytes as they are, without a length.
  void raw(Bytes bytes) { out_.insert(out_.end(), bytes.begin(), bytes.end()); }

  void bytes(Bytes bytes) {
    varuint(bytes.size());
    raw(bytes);
  }

  void string(std::string_view text) { bytes(as_bytes(text)); }

 private:
  std::vector<uint8_t>& out_;
};

// The number of bytes Writer::varuint makes of `value`.
constexpr size_t varuint_size(uint64_t value) {
  size_t size = 1;
  for (; value > 0x7f; value >>= 7) ++size;
  return size;
}

// The same encodings into memory that was reserved for them; each returns where it ended.
// REQUIRES: varuint_size(value), or bytes.size(), bytes from `at` on.
inline uint8_t* put_varuint(uint8_t* at, uint64_t value) {
  for (; value > 0x7f; value >>= 7) *at++ = static_cast<uint8_t>(value | 0x80);
  *at++ = static_cast<uint8_t>(value);
  return at;
}
inline uint8_t* put_raw(uint8_t* at, Bytes bytes) {
  if (!bytes.empty()) std::memcpy(at, bytes.data(), bytes.size());
  return at + bytes.size();
}
inline uint8_t* put_bytes(uint8_t* at, Bytes bytes) {
  return put_raw(put_varuint(at, bytes.size()), bytes);
}

}  // namespace freshet
