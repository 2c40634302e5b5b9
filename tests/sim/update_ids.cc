#include "sim/update_ids.h"

#include <algorithm>
#include <iterator>

#include "freshet/format/codec.h"

namespace freshet::sim {
namespace {

enum : uint8_t { kGc = 0, kDeleted = 1, kString = 4, kType = 7, kAny = 8, kSkip = 10 };
enum : uint8_t { kAnyInteger = 125, kAnyString = 119 };
enum : uint8_t { kHasKey = 0x20, kHasRight = 0x40, kHasOrigin = 0x80, kKindMask = 0x1f };

uint64_t utf16_units(std::string_view text) {
  uint64_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    units += (byte & 0xc0) == 0x80 ? 0 : byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

uint64_t read_any(Reader& in) {
  const uint64_t count = in.varuint();
  for (uint64_t i = 0; i < count && in.ok(); ++i) {
    switch (in.u8()) {
      case kAnyInteger: in.varint(); break;
      case kAnyString: in.string(); break;
      default: in.fail();
    }
  }
  return count;
}

uint64_t read_content(Reader& in, uint8_t kind) {
  switch (kind) {
    case kDeleted: return in.varuint();
    case kString: return utf16_units(in.string());
    case kAny: return read_any(in);
    case kType: {
      const uint64_t type = in.varuint();
      if (type == 3 || type == 5) in.string();
      return 1;
    }
    default: return in.fail(), 0;
  }
}

// The struct's length in clocks.
uint64_t read_struct(Reader& in, bool& skipped) {
  const uint8_t info = in.u8();
  const uint8_t kind = info & kKindMask;
  skipped = kind == kSkip;
  if (kind == kGc || kind == kSkip) return in.varuint();
  for (const uint8_t flag : {kHasOrigin, kHasRight}) {
    if ((info & flag) == 0) continue;
    in.varuint();
    in.varuint();
  }
  if ((info & (kHasOrigin | kHasRight)) == 0) {
    if (in.varuint() == 1) {
      in.string();
    } else {
      in.varuint();
      in.varuint();
    }
    if ((info & kHasKey) != 0) in.string();
  }
  return read_content(in, kind);
}

}  // namespace

void IdRanges::add(uint64_t client, uint64_t clock, uint64_t len) {
  if (len == 0) return;
  Spans& spans = clients_[client];
  uint64_t begin = clock, end = clock + len;
  auto it = spans.upper_bound(begin);
  if (it != spans.begin() && std::prev(it)->second >= begin) --it;
  while (it != spans.end() && it->first <= end) {
    begin = std::min(begin, it->first);
    end = std::max(end, it->second);
    it = spans.erase(it);
  }
  spans[begin] = end;
}

void IdRanges::add(const IdRanges& other) {
  for (const auto& [client, spans] : other.clients_) {
    for (const auto& [begin, end] : spans) add(client, begin, end - begin);
  }
}

bool IdRanges::contains(uint64_t client, uint64_t clock, uint64_t len) const {
  const auto spans = clients_.find(client);
  if (spans == clients_.end()) return len == 0;
  const auto it = spans->second.upper_bound(clock);
  return it != spans->second.begin() && std::prev(it)->second >= clock + len;
}

std::optional<std::string> IdRanges::lacks(const IdRanges& other) const {
  for (const auto& [client, spans] : other.clients_) {
    for (const auto& [begin, end] : spans) {
      if (contains(client, begin, end - begin)) continue;
      return "client " + std::to_string(client) + ": " + std::to_string(begin) + ".." +
             std::to_string(end);
    }
  }
  return std::nullopt;
}

uint64_t IdRanges::end_of(uint64_t client) const {
  const auto spans = clients_.find(client);
  if (spans == clients_.end() || spans->second.begin()->first != 0) return 0;
  return spans->second.begin()->second;
}

IdRanges IdRanges::of(uint64_t client) const {
  IdRanges out;
  if (const auto it = clients_.find(client); it != clients_.end()) out.clients_.insert(*it);
  return out;
}

std::optional<std::string> UpdateIds::lacks(const UpdateIds& other) const {
  if (auto missing = structs.lacks(other.structs)) return "content of " + *missing;
  if (auto missing = deletes.lacks(other.deletes)) return "deletion of " + *missing;
  return std::nullopt;
}

std::optional<UpdateIds> read_update_ids(Bytes update) {
  UpdateIds out;
  Reader in(update);
  const uint64_t clients = in.varuint();
  for (uint64_t i = 0; i < clients && in.ok(); ++i) {
    const uint64_t structs = in.varuint();
    const uint64_t client = in.varuint();
    uint64_t clock = in.varuint();
    for (uint64_t s = 0; s < structs && in.ok(); ++s) {
      bool skipped = false;
      const uint64_t len = read_struct(in, skipped);
      if (!skipped && in.ok()) out.structs.add(client, clock, len);
      clock += len;
    }
  }
  const uint64_t deleters = in.varuint();
  for (uint64_t i = 0; i < deleters && in.ok(); ++i) {
    const uint64_t client = in.varuint();
    const uint64_t ranges = in.varuint();
    for (uint64_t r = 0; r < ranges && in.ok(); ++r) {
      const uint64_t clock = in.varuint();
      const uint64_t len = in.varuint();
      if (in.ok()) out.deletes.add(client, clock, len);
    }
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return out;
}

std::optional<IdRanges> read_state_vector(Bytes state_vector) {
  IdRanges out;
  Reader in(state_vector);
  const uint64_t clients = in.varuint();
  for (uint64_t i = 0; i < clients && in.ok(); ++i) {
    const uint64_t client = in.varuint();
    const uint64_t clock = in.varuint();
    if (in.ok()) out.add(client, 0, clock);
  }
  if (!in.ok() || !in.at_end()) return std::nullopt;
  return out;
}

UpdateIds ids_of(Bytes update) { return read_update_ids(update).value_or(UpdateIds{}); }

std::string shown(const IdRanges& ranges, const char* sign) {
  std::string out;
  for (const auto& [client, spans] : ranges.clients()) {
    for (const auto& [begin, end] : spans) {
      out += std::string(" ") + sign + std::to_string(client) + ":" + std::to_string(begin) + ".." +
             std::to_string(end);
    }
  }
  return out;
}

std::string shown(const UpdateIds& ids) { return shown(ids.structs, "") + shown(ids.deletes, "-"); }

}  // namespace freshet::sim
