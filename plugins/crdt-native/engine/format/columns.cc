#include "format/columns.h"

#include <algorithm>

namespace freshet::crdt {

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

Bytes strings_of(Bytes column) {
  Reader in(column);
  return as_bytes(in.string());
}

Bytes lengths_of(Bytes column) {
  Reader in(column);
  in.string();
  return in.rest();
}

bool has_strings(Bytes column) {
  Reader in(column);
  in.string();
  return in.ok();
}

}  // namespace

void Column::grow(size_t more) {
  static constexpr size_t kFirst = 64;
  const size_t used = size();
  memory_.resize(std::max({kFirst, 2 * used, used + more}));
  at_ = memory_.data() + used;
  end_ = memory_.data() + memory_.size();
}

StringsReader::StringsReader(Bytes column)
    : ok_(has_strings(column)),
      text_(strings_of(column)),
      lengths_(lengths_of(column)),
      units_left_(utf16_length(text_)),
      ascii_(units_left_ == text_.size()) {}

std::string_view StringsReader::read() {
  const uint64_t units = lengths_.read();
  if (!ok() || units > units_left_) {
    ok_ = false;
    return {};
  }
  units_left_ -= units;
  if (ascii_) {
    at_ += units;
    return as_text(text_.subspan(at_ - units, units));
  }
  const bool began_inside = inside_ && units > 0;
  if (units == 0) return {};
  const size_t from = at_ + (began_inside ? 4 : 0);
  const Utf16Place to =
      utf16_place(text_.subspan(from), static_cast<uint32_t>(units - (began_inside ? 1 : 0)));
  at_ = from + to.byte;
  inside_ = to.inside;
  const std::string_view body = as_text(text_.subspan(from, to.byte));
  if (!began_inside && !to.inside) return body;
  patched_.assign(began_inside ? kReplacement : "");
  patched_ += body;
  if (to.inside) patched_ += kReplacement;
  return patched_;
}

std::vector<uint8_t> StringsWriter::finish() {
  std::vector<uint8_t> bytes;
  Writer out(bytes);
  out.bytes(text_);
  out.raw(lengths_.finish());
  return bytes;
}

}  // namespace freshet::crdt
