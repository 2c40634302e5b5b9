#include "freshet/crdt/snapshot.h"

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "api/internals.h"
#include "encode/encode.h"
#include "freshet/codec.h"
#include "freshet/crdt/limits.h"

namespace freshet::crdt {

namespace {

struct Range {
  uint64_t from;
  uint64_t to;
};

// By client id, descending: the order of the wire.
template <class T>
using ByClient = std::map<uint64_t, T, std::greater<>>;

struct Snapshot {
  ByClient<std::vector<Range>> deleted;  // sorted, joined
  ByClient<uint64_t> states;
};

void join(std::vector<Range>& ranges) {
  std::sort(ranges.begin(), ranges.end(), [](Range a, Range b) { return a.from < b.from; });
  size_t kept = 0;
  for (const Range range : ranges) {
    if (kept > 0 && range.from <= ranges[kept - 1].to) {
      ranges[kept - 1].to = std::max(ranges[kept - 1].to, range.to);
    } else {
      ranges[kept++] = range;
    }
  }
  ranges.resize(kept);
}

// In v2 clocks are told from the end of the range before, lengths less one.
enum class Form { v1, v2 };

Status read_deletes(Reader& in, Form form, ByClient<std::vector<Range>>& deleted) {
  const uint64_t clients = in.varuint();
  if (!in.ok() || clients > in.remaining() / 2) return Status::malformed;
  for (uint64_t i = 0; i < clients; ++i) {
    std::vector<Range>& ranges = deleted[in.varuint()];
    const uint64_t count = in.varuint();
    if (!in.ok() || count > in.remaining() / 2) return Status::malformed;
    uint64_t at = 0;
    for (uint64_t k = 0; k < count; ++k) {
      const uint64_t from = in.varuint() + at;
      const uint64_t len = in.varuint() + (form == Form::v2 ? 1 : 0);
      if (!in.ok() || from > kMaxClock || len > kMaxClock - from) return Status::malformed;
      if (len > 0) ranges.push_back({from, from + len});
      if (form == Form::v2) at = from + len;
    }
    join(ranges);
  }
  std::erase_if(deleted, [](const auto& entry) { return entry.second.empty(); });
  return Status::ok;
}

Status read(Bytes bytes, Form form, Snapshot& out) {
  Reader in(bytes);
  FRESHET_CHECK(read_deletes(in, form, out.deleted));
  const uint64_t count = in.varuint();
  if (!in.ok() || count > in.remaining() / 2) return Status::malformed;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t client = in.varuint();
    const uint64_t clock = in.varuint();
    if (!in.ok() || clock > kMaxClock) return Status::malformed;
    out.states[client] = clock;
  }
  return Status::ok;
}

void write_deletes(const ByClient<std::vector<Range>>& deleted, Form form, Writer& out) {
  out.varuint(deleted.size());
  for (const auto& [client, ranges] : deleted) {
    out.varuint(client);
    out.varuint(ranges.size());
    uint64_t at = 0;
    for (const Range range : ranges) {
      out.varuint(range.from - at);
      out.varuint(range.to - range.from - (form == Form::v2 ? 1 : 0));
      if (form == Form::v2) at = range.to;
    }
  }
}

void write(const Snapshot& snapshot, Form form, std::vector<uint8_t>& bytes) {
  Writer out(bytes);
  write_deletes(snapshot.deleted, form, out);
  out.varuint(snapshot.states.size());
  for (const auto& [client, clock] : snapshot.states) {
    out.varuint(client);
    out.varuint(clock);
  }
}

Snapshot snapshot_of(const Tree& tree) {
  Snapshot snapshot;
  for (uint32_t number = 0; number < tree.clients.size(); ++number) {
    const Client& client = tree.clients[number];
    if (client.next == 0) continue;
    snapshot.states[tree.table.id(number)] = client.next;
    if (!client.deletions) continue;
    std::vector<Range> ranges;
    for (const Chunk& chunk : client.index.chunks()) {
      for (uint32_t i = 0; i < chunk.count; ++i) {
        const Item& item = tree.items[chunk.items()[i]];
        if (item.deleted) ranges.push_back({item.clock, item.end()});
      }
    }
    join(ranges);
    if (!ranges.empty()) snapshot.deleted[tree.table.id(number)] = std::move(ranges);
  }
  return snapshot;
}

Status fits(const Tree& tree, const Snapshot& snapshot) {
  if (tree.held()) return Status::conflict;
  if (tree.collects_garbage()) return Status::unsupported;
  for (const auto& [id, clock] : snapshot.states) {
    if (clock == 0) continue;
    const uint32_t number = tree.table.find(id);
    if (number == kNoClient || clock > tree.state(number)) return Status::not_found;
  }
  return Status::ok;
}

// The structs of one client in [from, to). The document is not cut for it, as Yjs does, which may
// cost it half a pair of surrogates.
void write_block(const Tree& tree, uint32_t number, uint32_t from, uint32_t to, Writer& out,
                 ValueForm form, std::vector<uint8_t>& bytes) {
  const ClockIndex& index = tree.clients[number].index;
  const Position begin = index.find(from);
  size_t count = 0;
  Position at = begin;
  do {
    ++count;
  } while (index.next(at) && tree.items[index.item(at)].clock < to);
  out.varuint(count);
  out.varuint(tree.table.id(number));
  out.varuint(from);
  at = begin;
  for (; count > 0; --count, index.next(at)) {
    Item item = tree.items[index.item(at)];
    item.len = std::min(item.end(), to) - item.clock;
    write_item(tree, item, item.clock < from ? from - item.clock : 0, bytes, form);
  }
}

// REQUIRES: fits(tree, later).
void write_between(const Tree& tree, const Snapshot& earlier, const Snapshot& later, ValueForm form,
                   std::vector<uint8_t>& bytes) {
  const auto state_before = [&](uint64_t id) {
    const auto it = earlier.states.find(id);
    return it == earlier.states.end() ? uint64_t{0} : it->second;
  };
  Writer out(bytes);
  out.varuint(static_cast<size_t>(
      std::count_if(later.states.begin(), later.states.end(),
                    [&](const auto& entry) { return entry.second > state_before(entry.first); })));
  for (const auto& [id, clock] : later.states) {
    const uint64_t from = state_before(id);
    if (clock <= from) continue;
    write_block(tree, tree.table.find(id), static_cast<uint32_t>(from),
                static_cast<uint32_t>(clock), out, form, bytes);
  }
  write_deletes(later.deleted, Form::v1, out);
}

}  // namespace

void take_snapshot(const Doc& doc, std::vector<uint8_t>& out) {
  write(snapshot_of(Internals::of(doc).tree), Form::v1, out);
}

Status restore_snapshot(const Doc& doc, Bytes bytes, Doc& into) {
  std::vector<uint8_t> update;
  Snapshot snapshot;
  FRESHET_CHECK(read(bytes, Form::v1, snapshot));
  FRESHET_CHECK(fits(Internals::of(doc).tree, snapshot));
  write_between(Internals::of(doc).tree, {}, snapshot, ValueForm::kept, update);
  const bool keeps = Internals::of(doc).tree.keeps_values;
  return Internals::of(into).apply(update, keeps ? kInternalLimits : kStoredLimits).status();
}

Status diff_snapshots(const Doc& doc, Bytes earlier, Bytes later, std::vector<uint8_t>& out) {
  Snapshot from, to;
  FRESHET_CHECK(read(earlier, Form::v1, from));
  FRESHET_CHECK(read(later, Form::v1, to));
  FRESHET_CHECK(fits(Internals::of(doc).tree, to));
  FRESHET_CHECK(check_v1(Internals::of(doc).tree, Internals::of(doc).pending));
  write_between(Internals::of(doc).tree, from, to, ValueForm::json, out);
  return Status::ok;
}

Result<bool> snapshot_contains(Bytes bytes, Bytes update_bytes) {
  Snapshot snapshot;
  FRESHET_CHECK(read(bytes, Form::v1, snapshot));
  ClientTable clients(0);
  Update update;
  FRESHET_CHECK(decode_update(update_bytes, clients, update));
  for (const Section& section : update.sections) {
    const auto state = snapshot.states.find(clients.id(section.client));
    const uint64_t known = state == snapshot.states.end() ? 0 : state->second;
    if (update.structs[section.end - 1].end() > known) return false;
  }
  for (const DeletedRange& range : update.deletes) {
    const auto deleted = snapshot.deleted.find(clients.id(range.client));
    if (deleted == snapshot.deleted.end()) return false;
    const uint64_t end = uint64_t{range.clock} + range.len;
    const auto& ranges = deleted->second;
    const bool known = std::any_of(ranges.begin(), ranges.end(),
                                   [&](Range r) { return r.from <= range.clock && end <= r.to; });
    if (!known) return false;
  }
  return true;
}

Status snapshot_to_v2(Bytes v1, std::vector<uint8_t>& out) {
  Snapshot snapshot;
  FRESHET_CHECK(read(v1, Form::v1, snapshot));
  write(snapshot, Form::v2, out);
  return Status::ok;
}

Status snapshot_from_v2(Bytes v2, std::vector<uint8_t>& out) {
  Snapshot snapshot;
  FRESHET_CHECK(read(v2, Form::v2, snapshot));
  write(snapshot, Form::v1, out);
  return Status::ok;
}

}  // namespace freshet::crdt
