#include "freshet/crdt/updates.h"

#include <algorithm>
#include <utility>

#include "format/update_v1.h"
#include "freshet/crdt/doc.h"

namespace freshet::crdt {

namespace {

// No document, so nothing to aim at: one update fills the table and is gone.
uint64_t seed_for(const void* where) {
  return mix(static_cast<uint64_t>(reinterpret_cast<uintptr_t>(where)), 0x589965cc75374cc3u);
}

void write_deletes(const Update& update, const ClientTable& clients, Writer& out) {
  const std::vector<DeletedRange> ranges = joined_deletes(update, clients);
  size_t count = 0;
  for (size_t i = 0; i < ranges.size(); ++i) {
    if (i == 0 || ranges[i].client != ranges[i - 1].client) ++count;
  }
  out.varuint(count);
  for (size_t i = 0; i < ranges.size();) {
    size_t end = i;
    while (end < ranges.size() && ranges[end].client == ranges[i].client) ++end;
    out.varuint(clients.id(ranges[i].client));
    out.varuint(end - i);
    for (; i < end; ++i) {
      out.varuint(ranges[i].clock);
      out.varuint(ranges[i].len);
    }
  }
}

// The structs of a section that reach beyond `from`, the first of them cut there.
void write_section(const Update& update, const Section& section, uint32_t from,
                   const ClientTable& clients, size_t& blocks, Writer& out) {
  uint32_t begin = section.begin;
  while (begin < section.end && (update.structs[begin].end() <= from ||
                                 (from > 0 && update.structs[begin].kind == Kind::skip))) {
    ++begin;
  }
  if (begin == section.end) return;
  const WireStruct& first = update.structs[begin];
  const uint32_t skip = first.clock < from ? from - first.clock : 0;
  ++blocks;
  out.varuint(section.end - begin);
  out.varuint(clients.id(section.client));
  out.varuint(first.clock + skip);
  for (uint32_t i = begin; i < section.end; ++i) {
    write_struct(update.structs[i], i == begin ? skip : 0, clients, out);
  }
}

std::vector<Section> descending(const Update& update, const ClientTable& clients) {
  std::vector<Section> sections = update.sections;
  std::sort(sections.begin(), sections.end(), [&](const Section& a, const Section& b) {
    return clients.id(a.client) > clients.id(b.client);
  });
  return sections;
}

// Both functions below: the sections from their given clocks on, then the deletions.
template <class From>
void rewrite(const Update& update, const ClientTable& clients, From from,
             std::vector<uint8_t>& out) {
  std::vector<uint8_t> body;
  Writer sections(body);
  size_t blocks = 0;
  for (const Section& section : descending(update, clients)) {
    write_section(update, section, from(clients.id(section.client)), clients, blocks, sections);
  }
  Writer writer(out);
  writer.varuint(blocks);
  writer.raw(body);
  write_deletes(update, clients, writer);
}

}  // namespace

Status merge_updates(std::span<const Bytes> updates, std::vector<uint8_t>& out, Garbage garbage) {
  Doc doc({.collect_garbage = garbage == Garbage::collect});
  for (const Bytes update : updates) {
    if (const Result<Applied> applied = doc.load(update); !applied) return applied.status();
  }
  return doc.diff({}, out);
}

Status diff_update(Bytes bytes, Bytes state_vector, std::vector<uint8_t>& out) {
  ClientTable clients(seed_for(&bytes));
  Update update;
  FRESHET_CHECK(decode_update(bytes, clients, update));
  std::vector<uint32_t> from;
  Reader in(state_vector);
  const uint64_t count = state_vector.empty() ? 0 : in.varuint();
  if (!in.ok() || count > in.remaining() / 2) return Status::malformed;
  from.resize(clients.size());
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t id = in.varuint();
    const uint64_t clock = in.varuint();
    const uint32_t client = clients.find(id);
    if (client != kNoClient) from[client] = static_cast<uint32_t>(std::min<uint64_t>(clock, kNil));
  }
  if (!in.ok()) return Status::malformed;
  rewrite(update, clients, [&](uint64_t id) { return from[clients.find(id)]; }, out);
  return Status::ok;
}

std::vector<DeletedRange> joined_deletes(const Update& update, const ClientTable& clients) {
  std::vector<DeletedRange> ranges = update.deletes;
  std::sort(ranges.begin(), ranges.end(), [&](const auto& a, const auto& b) {
    const uint64_t x = clients.id(a.client), y = clients.id(b.client);
    return x != y ? x > y : a.clock < b.clock;
  });
  std::vector<DeletedRange> joined;
  for (const DeletedRange& range : ranges) {
    if (joined.empty() || joined.back().client != range.client ||
        range.clock > joined.back().clock + joined.back().len) {
      joined.push_back(range);
      continue;
    }
    DeletedRange& last = joined.back();
    last.len = std::max(last.clock + last.len, range.clock + range.len) - last.clock;
  }
  return joined;
}

void write_update(const Update& update, const ClientTable& clients, std::vector<uint8_t>& out) {
  rewrite(update, clients, [](uint64_t) { return uint32_t{0}; }, out);
}

Status reencode(Bytes bytes, std::vector<uint8_t>& out) {
  ClientTable clients(seed_for(&bytes));
  Update update;
  FRESHET_CHECK(decode_update(bytes, clients, update));
  write_update(update, clients, out);
  return Status::ok;
}

Status state_vector_of(Bytes bytes, std::vector<uint8_t>& out) {
  ClientTable clients(seed_for(&bytes));
  Update update;
  FRESHET_CHECK(decode_update(bytes, clients, update));
  std::vector<std::pair<uint64_t, uint32_t>> entries;
  for (const Section& section : descending(update, clients)) {
    uint32_t clock = 0;
    for (uint32_t i = section.begin; i < section.end; ++i) {
      const WireStruct& item = update.structs[i];
      if (item.clock != clock || item.kind == Kind::skip) break;
      clock = item.end();
    }
    if (clock > 0) entries.emplace_back(clients.id(section.client), clock);
  }
  Writer writer(out);
  writer.varuint(entries.size());
  for (const auto& [id, clock] : entries) {
    writer.varuint(id);
    writer.varuint(clock);
  }
  return Status::ok;
}

}  // namespace freshet::crdt
