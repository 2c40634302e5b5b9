// The run-length columns of update format v2 (lib0's encoders of the same names).
//
// A few bytes may stand for any number of values, so readers of columns budget what they ask for.
// A reader fails when a value is asked for that is not there, not before.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "freshet/codec.h"
#include "text_log.h"

namespace freshet::crdt {

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
  const std::vector<uint8_t>& finish() { return flush(), bytes_; }

 private:
  void flush() {
    if (count_ == 0) return;
    Writer out(bytes_);
    out.varint({value_, count_ > 1});
    if (count_ > 1) out.varuint(count_ - 2);
    count_ = 0;
  }
  std::vector<uint8_t> bytes_;
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
  const std::vector<uint8_t>& finish() { return flush(), bytes_; }

 private:
  void flush() {
    if (count_ == 0) return;
    Writer out(bytes_);
    const int64_t encoded = step_ * 2 + (count_ > 1 ? 1 : 0);
    out.varint({static_cast<uint64_t>(encoded < 0 ? -encoded : encoded), encoded < 0});
    if (count_ > 1) out.varuint(count_ - 2);
    count_ = 0;
  }
  std::vector<uint8_t> bytes_;
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
    Writer out(bytes_);
    if (count_ > 0) out.varuint(count_ - 1);
    out.u8(value);
    value_ = value;
    count_ = 1;
  }
  const std::vector<uint8_t>& finish() { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
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
  size_t at_ = 0;
  bool inside_ = false;  // the first half of the pair at `at_` is behind us
  std::string patched_;
};

class StringsWriter {
 public:
  // REQUIRES: valid UTF-8.
  void write(std::string_view text);
  std::vector<uint8_t> finish();

 private:
  std::string text_;
  RunsWriter lengths_;
};

}  // namespace freshet::crdt
