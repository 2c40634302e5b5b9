#include "items/text_log.h"

#include <algorithm>

namespace freshet::crdt {

namespace {

constexpr uint8_t kBrokenPair = 0xf8;
constexpr uint8_t kReplacement[3] = {0xef, 0xbf, 0xbd};  // U+FFFD

constexpr size_t sequence_bytes(uint8_t lead) {
  return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}
constexpr uint32_t sequence_units(uint8_t lead) { return lead < 0xf0 ? 1 : 2; }

void put_replacement(std::vector<uint8_t>& out) {
  out.insert(out.end(), std::begin(kReplacement), std::end(kReplacement));
}

}  // namespace

Utf16Place utf16_place(Bytes utf8, uint32_t unit) {
  size_t byte = 0;
  for (uint32_t at = 0; at < unit;) {
    const uint32_t step = sequence_units(utf8[byte]);
    if (at + step > unit) return {byte, true};
    byte += sequence_bytes(utf8[byte]);
    at += step;
  }
  return {byte, false};
}

TextLog::Place TextLog::place(uint32_t unit) const {
  if (ascii()) return {unit, false};
  if (unit == units_) return {bytes_.size(), false};
  const uint32_t mark = (*marks_)[unit / kStride];
  size_t byte = mark >> 1;
  uint32_t at = unit / kStride * kStride + (mark & 1);
  // The pair before the marked character reaches over the mark.
  if (unit < at) return {byte - 4, true};
  while (at < unit) {
    const uint32_t step = sequence_units(bytes_[byte]);
    if (at + step > unit) return {byte, true};
    byte += sequence_bytes(bytes_[byte]);
    at += step;
  }
  return {byte, false};
}

void TextLog::append_marked(Bytes utf8, uint32_t units) {
  if (ascii()) {
    marks_ = std::make_unique<std::vector<uint32_t>>();
    for (uint32_t unit = 0; unit < units_; unit += kStride) marks_->push_back(unit << 1);
  }
  size_t byte = bytes_.size();
  bytes_.insert(bytes_.end(), utf8.begin(), utf8.end());
  const uint32_t end = units_ + units;
  const auto next_mark = [this] { return static_cast<uint32_t>(marks_->size() * kStride); };
  if (next_mark() < end) {
    for (uint32_t at = units_; at < end; byte += sequence_bytes(bytes_[byte])) {
      if (at >= next_mark()) {
        marks_->push_back(static_cast<uint32_t>(byte << 1) | (at - next_mark()));
      }
      at += sequence_units(bytes_[byte]);
    }
    // The marked unit is the second half of the last pair: the next character starts behind it.
    if (next_mark() < end) marks_->push_back(static_cast<uint32_t>(byte << 1) | 1);
  }
  units_ = end;
}

size_t TextLog::copied_bytes(uint32_t unit, uint32_t count) const {
  if (ascii()) return count;
  const Place from = place(unit);
  const Place to = place(unit + count);
  const size_t body = from.byte + (from.inside ? 4 : 0);
  size_t bytes = to.byte - body + (from.inside ? 3 : 0) + (to.inside ? 3 : 0);
  if (broken_) {
    bytes += 2 * static_cast<size_t>(std::count(bytes_.begin() + static_cast<ptrdiff_t>(body),
                                                bytes_.begin() + static_cast<ptrdiff_t>(to.byte),
                                                kBrokenPair));
  }
  return bytes;
}

void TextLog::copy_marked(uint32_t unit, uint32_t count, std::vector<uint8_t>& out) const {
  const Place from = place(unit);
  const Place to = place(unit + count);
  const uint8_t* at = bytes_.data() + from.byte + (from.inside ? 4 : 0);
  const uint8_t* const end = bytes_.data() + to.byte;
  if (from.inside) put_replacement(out);
  while (broken_) {
    const uint8_t* pair = std::find(at, end, kBrokenPair);
    out.insert(out.end(), at, pair);
    at = pair;
    if (pair == end) break;
    put_replacement(out);
    put_replacement(out);
    at += 4;
  }
  out.insert(out.end(), at, end);
  if (to.inside) put_replacement(out);
}

void TextLog::cut(uint32_t unit) {
  if (ascii()) return;
  const Place where = place(unit);
  if (!where.inside) return;
  bytes_[where.byte] = kBrokenPair;
  broken_ = true;
}

void TextLog::move_to(TextLog& other, uint32_t unit, uint32_t count) const {
  const Place from = place(unit);
  const Place to = place(unit + count);
  if (broken_ || from.inside || to.inside) {
    // A cut at either end has become two U+FFFD; say so in plain text.
    std::vector<uint8_t> plain;
    copy(unit, count, plain);
    return other.append(plain, count);
  }
  other.append({bytes_.data() + from.byte, to.byte - from.byte}, count);
}

}  // namespace freshet::crdt
