// The text of one client: UTF-8, append-only, in clock order, addressed by UTF-16 unit.
//
// Strings of consecutive clocks lie next to each other, so joining and splitting items moves no
// text: an item keeps the unit at which its text starts. Plain ASCII needs no table (unit = byte);
// from the first other character on, the byte of every 64th unit is kept.
//
// Yjs replaces both halves of a surrogate pair by U+FFFD when an item boundary cuts it, for good. A
// pair cut in this way keeps its four bytes here with the lead byte kBrokenPair, which no UTF-8
// has.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "freshet/bytes.h"

namespace freshet::crdt {

class TextLog {
 public:
  uint32_t units() const { return units_; }
  bool ascii() const { return marks_ == nullptr; }

  // REQUIRES: valid UTF-8 of `units` UTF-16 units.
  void append(Bytes utf8, uint32_t units) {
    if (utf8.size() == units && ascii()) [[likely]] {
      bytes_.insert(bytes_.end(), utf8.begin(), utf8.end());
      units_ += units;
      return;
    }
    append_marked(utf8, units);
  }

  // What a reader sees of `count` units from `unit`: a half of a pair reads as U+FFFD.
  void copy(uint32_t unit, uint32_t count, std::vector<uint8_t>& out) const {
    if (!ascii()) return copy_marked(unit, count, out);
    out.insert(out.end(), bytes_.data() + unit, bytes_.data() + unit + count);
  }
  size_t copied_bytes(uint32_t unit, uint32_t count) const;
  // REQUIRES: ascii().
  bool is_ascii_at(uint32_t unit, Bytes text) const {
    return std::equal(text.begin(), text.end(), bytes_.data() + unit);
  }

  // An item boundary now lies at `unit`: if it cuts a pair, both halves become U+FFFD.
  void cut(uint32_t unit);

  // Moves a stretch to another log as it is, broken pairs included.
  void move_to(TextLog& other, uint32_t unit, uint32_t count) const;

  size_t bytes() const { return bytes_.size(); }
  size_t memory_bytes() const {
    return bytes_.capacity() + (marks_ ? marks_->capacity() * sizeof(uint32_t) : 0);
  }

 private:
  static constexpr uint32_t kStride = 64;

  struct Place {
    size_t byte;  // of the character that holds the unit
    bool inside;  // the unit is the second of that character
  };
  Place place(uint32_t unit) const;
  void append_marked(Bytes utf8, uint32_t units);
  void copy_marked(uint32_t unit, uint32_t count, std::vector<uint8_t>& out) const;

  std::vector<uint8_t> bytes_;
  // For unit 64 * i: (byte << 1 | d), where the first character starting at or after the unit
  // starts at that byte and d units later.
  std::unique_ptr<std::vector<uint32_t>> marks_;
  uint32_t units_ = 0;
  bool broken_ = false;
};

// The byte of UTF-16 unit `unit` in valid UTF-8, and whether the unit is a pair's second half (the
// byte is then that of the pair).
struct Utf16Place {
  size_t byte;
  bool inside;
};
Utf16Place utf16_place(Bytes utf8, uint32_t unit);

}  // namespace freshet::crdt
