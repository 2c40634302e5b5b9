// The run-length columns of update format v2 (lib0's encoders of the same names).
//
// A few bytes may stand for any number of values, so readers of columns budget what they ask for.
// A reader fails when a value is asked for that is not there, not before.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "freshet/format/codec.h"
#include "items/text_log.h"

namespace freshet::crdt {

// Bytes to append to, with room for a number always at hand.
class Column {
 public:
  Column() = default;
  Column(const Column&) = delete;
  Column& operator=(const Column&) = delete;

  void u8(uint8_t byte) {
    make_room(1);
    *at_++ = byte;
  }
  void varuint(uint64_t value) {
    make_room(kLongest);
    at_ = put_varuint(at_, value);
  }
  void varint(SignedMagnitude value) {
    make_room(1 + kLongest);
    const uint64_t rest = value.magnitude >> 6;
    *at_++ = static_cast<uint8_t>((rest != 0 ? 0x80 : 0) | (value.negative ? 0x40 : 0) |
                                  (value.magnitude & 0x3f));
    if (rest != 0) at_ = put_varuint(at_, rest);
  }
  void raw(Bytes bytes) {
    make_room(bytes.size());
    at_ = put_raw(at_, bytes);
  }
  void bytes(Bytes bytes) {
    varuint(bytes.size());
    raw(bytes);
  }
  void string(std::string_view text) { bytes(as_bytes(text)); }

  size_t size() const { return static_cast<size_t>(at_ - memory_.data()); }
  Bytes written() const { return {memory_.data(), size()}; }

 private:
  static constexpr size_t kLongest = 10;

  void make_room(size_t size) {
    if (static_cast<size_t>(end_ - at_) < size) [[unlikely]]
      grow(size);
  }
  void grow(size_t more);

  std::vector<uint8_t> memory_;
  uint8_t* at_ = nullptr;
  uint8_t* end_ = nullptr;
};

// Runs of equal numbers: one alone is positive, a run has its sign set and count - 2 after it.
class RunsReader {
 public:
  explicit RunsReader(Bytes column) : in_(column) {}
  bool ok() const { return in_.ok(); }
  uint64_t read() {
    if (left_ == 0) {
      const SignedMagnitude value = in_.varint();
      value_ = value.magnitude;
      left_ = value.negative ? in_.varuint() + 2 : 1;
    }
    --left_;
    return value_;
  }

 private:
  Reader in_;
  uint64_t value_ = 0;
  uint64_t left_ = 0;
};

class RunsWriter {
 public:
  void write(uint64_t value) {
    if (value != value_) flush();
    value_ = value;
    ++count_;
  }
  Bytes finish() { return flush(), out_.written(); }

 private:
  void flush() {
    if (count_ == 0) return;
    out_.varint({value_, count_ > 1});
    if (count_ > 1) out_.varuint(count_ - 2);
    count_ = 0;
  }
  Column out_;
  uint64_t value_ = 0;
  uint64_t count_ = 0;
};

// Runs of equal differences: difference * 2, plus 1 and a count - 2 if there is more than one.
class StepsReader {
 public:
  explicit StepsReader(Bytes column) : in_(column) {}
  bool ok() const { return in_.ok(); }
  uint64_t read() {
    if (left_ == 0) {
      const SignedMagnitude encoded = in_.varint();
      const auto magnitude = static_cast<int64_t>(encoded.magnitude);
      const int64_t value = encoded.negative ? -magnitude : magnitude;
      step_ = value >> 1;
      left_ = (magnitude & 1) != 0 ? in_.varuint() + 2 : 1;
    }
    --left_;
    value_ += step_;
    if (value_ < 0 || value_ > static_cast<int64_t>(kMaxSafeInteger)) {
      value_ = 0;
      in_.fail();
    }
    return static_cast<uint64_t>(value_);
  }

 private:
  Reader in_;
  int64_t value_ = 0;
  int64_t step_ = 0;
  uint64_t left_ = 0;
};

class StepsWriter {
 public:
  void write(uint64_t number) {
    const auto value = static_cast<int64_t>(number);
    if (value - value_ != step_) {
      flush();
      step_ = value - value_;
    }
    value_ = value;
    ++count_;
  }
  Bytes finish() { return flush(), out_.written(); }

 private:
  void flush() {
    if (count_ == 0) return;
    const int64_t encoded = step_ * 2 + (count_ > 1 ? 1 : 0);
    out_.varint({static_cast<uint64_t>(encoded < 0 ? -encoded : encoded), encoded < 0});
    if (count_ > 1) out_.varuint(count_ - 2);
    count_ = 0;
  }
  Column out_;
  int64_t value_ = 0;
  int64_t step_ = 0;
  uint64_t count_ = 0;
};

// Runs of equal bytes: the byte, then count - 1; the last run has no count and never ends.
class BytesReader {
 public:
  explicit BytesReader(Bytes column) : in_(column) {}
  bool ok() const { return in_.ok(); }
  uint8_t read() {
    if (!endless_ && left_ == 0) {
      value_ = in_.u8();
      if (in_.at_end()) {
        endless_ = in_.ok();
      } else {
        left_ = in_.varuint() + 1;
      }
    }
    if (!endless_ && left_ > 0) --left_;
    return value_;
  }

 private:
  Reader in_;
  uint8_t value_ = 0;
  uint64_t left_ = 0;
  bool endless_ = false;
};

class BytesWriter {
 public:
  void write(uint8_t value) {
    if (count_ > 0 && value == value_) {
      ++count_;
      return;
    }
    if (count_ > 0) out_.varuint(count_ - 1);
    out_.u8(value);
    value_ = value;
    count_ = 1;
  }
  Bytes finish() { return out_.written(); }

 private:
  Column out_;
  uint8_t value_ = 0;
  uint64_t count_ = 0;
};

// One string with all strings in it, then their lengths in UTF-16 units as RunsReader has them.
class StringsReader {
 public:
  explicit StringsReader(Bytes column);
  bool ok() const { return ok_ && lengths_.ok(); }
  // Valid until the next read. A pair cut in half reads as U+FFFD in both halves.
  std::string_view read();

 private:
  bool ok_ = true;
  Bytes text_;
  RunsReader lengths_;
  uint64_t units_left_;
  bool ascii_;  // one byte for each unit
  size_t at_ = 0;
  bool inside_ = false;  // the first half of the pair at `at_` is behind us
  std::string patched_;
};

class StringsWriter {
 public:
  // REQUIRES: valid UTF-8.
  void write(std::string_view text) { write(text, utf16_length(as_bytes(text))); }
  void write(std::string_view text, uint64_t units) {
    text_.insert(text_.end(), text.begin(), text.end());
    lengths_.write(units);
  }
  void write(const TextLog& log, uint32_t unit, uint32_t count) {
    log.copy(unit, count, text_);
    lengths_.write(count);
  }
  std::vector<uint8_t> finish();

 private:
  std::vector<uint8_t> text_;
  RunsWriter lengths_;
};

}  // namespace freshet::crdt
