#include "replica/contradiction.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>
#include <vector>

#include "freshet/crdt/limits.h"
#include "values/json_text.h"
#include "values/kept_value.h"
#include "values/values.h"

namespace freshet::crdt {

namespace {

// ---- values: the same whatever the order of keys and the form of numbers

uint64_t blend(uint64_t a, uint64_t b) {
  return mix(a ^ 0x9e3779b97f4a7c15u, b ^ 0x8ebc6af09c88c6e3u);
}

uint64_t hash_of(std::string_view text) { return std::hash<std::string_view>{}(text); }

uint64_t hash_of(double number) {
  if (number == 0) return 0;  // -0 is 0 in JSON
  return number == number ? blend(std::bit_cast<uint64_t>(number), 1) : 1;
}

double integer(SignedMagnitude value) {
  const auto magnitude = static_cast<double>(value.magnitude);
  return value.negative ? -magnitude : magnitude;
}

double int64(Bytes big_endian) {
  uint64_t value = 0;
  for (const uint8_t byte : big_endian) value = value << 8 | byte;
  return static_cast<double>(std::bit_cast<int64_t>(value));
}

// Of a value that is no array or object; of those, their count.
uint64_t read_print(Reader& in, uint8_t tag, uint64_t& count) {
  switch (tag) {
    case kAnyArray:
    case kAnyObject: count = in.varuint(); return blend(tag, count);
    case kAnyString:
    case kAnyBytes: return blend(tag, hash_of(as_text(in.bytes())));
    case kAnyInteger: return hash_of(integer(in.varint()));
    case kAnyInt64: return hash_of(int64(in.take(8)));
    case kAnyFloat32:
    case kAnyFloat64: return hash_of(any_float(in, tag));
    default: return blend(tag, 2);
  }
}

// What differs has different prints, but for chance. Sums do not know in which order they were
// made.
uint64_t print_of_any(Bytes any) {
  struct Level {
    uint64_t left;
    uint64_t print;  // of the container, and where in an array we are
    bool object;
  };
  Reader in(any);
  std::vector<Level> open;
  uint64_t sum = 0, place = 0;
  for (;;) {
    const uint8_t tag = in.u8();
    uint64_t count = 0;
    const uint64_t print = blend(place, read_print(in, tag, count));
    sum += print;
    if (tag == kAnyArray || tag == kAnyObject) open.push_back({count, print, tag == kAnyObject});
    while (!open.empty() && open.back().left == 0) open.pop_back();
    if (open.empty() || !in.ok()) return sum;
    Level& level = open.back();
    --level.left;
    place = blend(level.print, level.object ? hash_of(as_text(in.bytes())) : level.left);
  }
}

bool same_json(std::string_view a, std::string_view b) {
  if (a == b) return true;
  std::vector<uint8_t> any_a, any_b;
  const auto read = [](std::string_view json, std::vector<uint8_t>& out) {
    append_json_as_any(json == "undefined" ? "null" : json, out);
  };
  read(a, any_a);
  read(b, any_b);
  return print_of_any(any_a) == print_of_any(any_b);
}

bool same_kept(std::string_view a, std::string_view b) {
  return a == b || same_json(json_of_kept(a), json_of_kept(b));
}

// The elements of Any or JSON contents: `count` of both, which both go past.
bool same_elements(Kind kind, Bytes ours, Reader& theirs, uint32_t count) {
  // No element is the beginning of another one.
  const Bytes rest = theirs.rest();
  if (ours.size() <= rest.size() && std::equal(ours.begin(), ours.end(), rest.begin())) {
    theirs.take(ours.size());
    return true;
  }
  Reader in(ours);
  size_t budget = kMaxStoredUpdateBytes;
  const auto any = [&budget](Reader& from) {
    const Bytes left = from.rest();
    skip_any(from, budget);
    return left.first(left.size() - from.remaining());
  };
  for (; count > 0; --count) {
    if (kind == Kind::json) {
      if (!same_json(as_text(in.bytes()), as_text(theirs.bytes()))) return false;
    } else {
      const Bytes a = any(in), b = any(theirs);
      if (!std::equal(a.begin(), a.end(), b.begin(), b.end()) && print_of_any(a) != print_of_any(b))
        return false;
    }
  }
  return true;
}

// ---- text

// UTF-16 units of valid UTF-8, one after the other.
class Units {
 public:
  explicit Units(Bytes utf8) : at_(utf8.data()) {}

  uint32_t next() {
    if (low_ != 0) return std::exchange(low_, 0u);
    const uint8_t lead = *at_++;
    if (lead < 0x80) return lead;
    if (lead < 0xe0) return (lead & 0x1fu) << 6 | follower();
    const uint32_t high = follower();
    const uint32_t bits = (lead & 0x0fu) << 12 | high << 6 | follower();
    if (lead < 0xf0) return bits;
    const uint32_t point = ((bits & 0x7fffu) << 6 | follower()) - 0x10000;
    low_ = 0xdc00 | (point & 0x3ff);
    return 0xd800 | point >> 10;
  }
  void skip(uint32_t count) {
    for (; count > 0; --count) next();
  }

 private:
  uint32_t follower() { return *at_++ & 0x3fu; }

  const uint8_t* at_;
  uint32_t low_ = 0;  // the second half of a pair whose first has been read
};

bool same_unit(uint32_t a, uint32_t b) {
  const auto lost = [](uint32_t half, uint32_t other) {
    return half == 0xfffd && other >= 0xd800 && other < 0xe000;
  };
  return a == b || lost(a, b) || lost(b, a);
}

// The contents of a struct, to be compared part by part, from the front.
class Contents {
 public:
  Contents(const Tree& tree, const WireStruct& wire)
      : tree_(tree),
        wire_(wire),
        ascii_(wire.content().size() == wire.len),
        units_(wire.content()),
        elements_(wire.content()),
        at_(wire.clock) {}

  // The units from clock `from` on, `count` of them, all of `item`.
  bool same(const Item& item, uint32_t from, uint32_t count) {
    const uint32_t skip = std::exchange(at_, from + count);
    const uint32_t unit = item.content + from - item.clock;
    switch (item.kind()) {
      case Kind::string: return same_text(unit, from - skip, count);
      case Kind::any:
      case Kind::json: return same_values(unit, from - skip, count);
      case Kind::type: return same_type(tree_.types[item.content]);
      default: return same_value(tree_.values_of(item));
    }
  }

 private:
  bool same_text(uint32_t unit, uint32_t skip, uint32_t count) {
    const TextLog& text = tree_.clients[wire_.client].text;
    const Bytes content = wire_.content();
    if (ascii_ && text.ascii()) {
      return text.is_ascii_at(unit, content.subspan(at_ - count - wire_.clock, count));
    }
    ours_.clear();
    text.copy(unit, count, ours_);
    if (count == wire_.len &&
        std::equal(ours_.begin(), ours_.end(), content.begin(), content.end()))
      return true;
    units_.skip(skip);
    for (Units ours(ours_); count > 0; --count) {
      if (!same_unit(ours.next(), units_.next())) return false;
    }
    return true;
  }

  bool same_values(uint32_t first, uint32_t skip, uint32_t count) {
    size_t budget = kMaxStoredUpdateBytes;
    for (; skip > 0; --skip) {
      wire_.kind == Kind::any ? skip_any(elements_, budget) : void(elements_.bytes());
    }
    const Bytes ours = tree_.clients[wire_.client].values->span(first, count);
    return same_elements(wire_.kind, ours, elements_, count);
  }

  bool same_type(const Type& type) {
    const bool named = type.name != kNil;
    const auto ref = static_cast<uint8_t>(elements_.varuint());
    return ref == type.ref && named == !elements_.at_end() &&
           (!named || elements_.string() == tree_.names[type.name]);
  }

  bool same_value(Bytes ours) {
    const Bytes theirs = wire_.content();
    if (std::equal(ours.begin(), ours.end(), theirs.begin(), theirs.end())) return true;
    Reader in(ours);
    switch (wire_.kind) {
      case Kind::embed: return same_kept(read_kept(in), read_kept(elements_));
      case Kind::format:
        return in.string() == elements_.string() && same_kept(read_kept(in), read_kept(elements_));
      // The options of a subdocument are its reader's to write anew.
      case Kind::doc: return in.string() == elements_.string();
      default: return false;
    }
  }

  const Tree& tree_;
  const WireStruct& wire_;
  const bool ascii_;
  Units units_;
  Reader elements_;
  uint32_t at_;  // the clock up to which the contents are read
  std::vector<uint8_t> ours_;
};

// Where a unit stands is said with the first of a run, for all others follows from that.
bool same_place(const Item& item, const WireStruct& wire, uint32_t clock) {
  const Id before{wire.client, clock - 1};
  const Id ours = clock == item.clock ? item.origin() : before;
  const Id theirs = clock == wire.clock ? wire.origin() : before;
  return ours == theirs && item.right_origin() == wire.right_origin();
}

}  // namespace

bool contradicts(const Tree& tree, const WireStruct& wire) {
  if (!wire.is_item() || wire.kind == Kind::deleted) return false;
  const Client& client = tree.clients[wire.client];
  const uint32_t end = std::min(wire.end(), client.next);
  Contents contents(tree, wire);
  Position at = client.index.find(wire.clock);
  do {
    const Item& item = tree.items[client.index.item(at)];
    if (item.clock >= end) return false;
    if (item.deleted || item.kind() != wire.kind) continue;
    const uint32_t from = std::max(wire.clock, item.clock);
    const uint32_t to = std::min(end, item.end());
    if (!same_place(item, wire, from) || !contents.same(item, from, to - from)) return true;
  } while (client.index.next(at));
  return false;
}

}  // namespace freshet::crdt
