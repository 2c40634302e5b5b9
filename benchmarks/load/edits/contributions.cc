#include "contributions.h"

#include <algorithm>

#include "freshet/format/codec.h"
#include "update_format.h"

namespace freshet::load {

namespace {

// Clocks count UTF-16 units: continuation bytes are none, the lead byte of four is two.
uint64_t units_of(Bytes text) {
  uint64_t units = 0;
  for (const uint8_t byte : text) units += (byte & 0xc0) != 0x80 ? 1 + (byte >= 0xf0) : 0;
  return units;
}

void skip_place(Reader& in, uint8_t info) {
  if ((info & kHasOrigin) != 0) in.varuint(), in.varuint();
  if ((info & kHasRightOrigin) != 0) in.varuint(), in.varuint();
  if ((info & (kHasOrigin | kHasRightOrigin)) != 0) return;
  if (in.varuint() == 1) {
    in.bytes();
  } else {
    in.varuint(), in.varuint();
  }
  if ((info & kHasKey) != 0) in.bytes();
}

// The clocks of the struct, which is read to its end; 0: not one that is understood.
uint64_t read_struct(Reader& in, uint8_t info) {
  const uint8_t kind = info & kKind;
  if (kind == kGc || kind == kSkip) return in.varuint();
  skip_place(in, info);
  if (kind == kDeleted) return in.varuint();
  return kind == kText ? units_of(in.bytes()) : 0;
}

void add(std::vector<Contribution>& out, size_t first, Contribution part) {
  if (out.size() > first && out.back().author == part.author && out.back().to == part.from) {
    out.back().to = part.to;
  } else {
    out.push_back(part);
  }
}

bool read_client(Reader& in, const Authors& authors, std::vector<Contribution>& out) {
  const uint64_t structs = in.varuint();
  const auto author = authors.number(in.varuint());
  uint64_t clock = in.varuint();
  const size_t first = out.size();
  for (uint64_t i = 0; i < structs && in.ok(); ++i) {
    const uint8_t info = in.u8();
    const uint64_t length = read_struct(in, info);
    if (length == 0 || length > kMaxSafeInteger - clock) return false;
    if (author && (info & kKind) != kSkip) add(out, first, {*author, clock, clock + length});
    clock += length;
  }
  return in.ok();
}

}  // namespace

bool read_contributions(Bytes update, const Authors& authors, std::vector<Contribution>& out) {
  Reader in(update);
  for (uint64_t clients = in.varuint(); clients > 0 && in.ok(); --clients) {
    if (!read_client(in, authors, out)) return false;
  }
  return in.ok();
}

}  // namespace freshet::load
