#include "freshet/crdt/snapshot.h"

#include <algorithm>

#include "api/internals.h"
#include "encode/encode.h"
#include "format/delete_set.h"
#include "format/state_vector.h"
#include "freshet/crdt/limits.h"
#include "freshet/format/codec.h"

namespace freshet::crdt {

namespace {

// Clients are numbers of a table: the document's, or one made for the bytes.
struct Snapshot {
  DeleteSet deleted;
  StateVector states;
};

Status find_or_add(uint64_t id, ClientTable& clients, uint32_t& number) {
  number = clients.intern(id);
  return number == kNoClient ? Status::limit : Status::ok;
}

struct Deletions {
  Reader& in;
  ClientTable& table;
  DeleteSet& out;
  uint32_t number = kNoClient;

  Status clients(uint64_t) const { return Status::ok; }
  Status client() {
    const uint64_t id = in.varuint();
    return in.ok() ? find_or_add(id, table, number) : Status::malformed;
  }
  Status ranges(uint64_t) const { return Status::ok; }
  Status range(RangesOfClient::Range range) const {
    const auto [clock, len] = range;
    if (clock > kMaxClock || len > kMaxClock - clock) return Status::malformed;
    if (len > 0) out.add(number, static_cast<uint32_t>(clock), static_cast<uint32_t>(len));
    return Status::ok;
  }
};

Status read(Bytes bytes, DeleteForm form, ClientTable& clients, Snapshot& out) {
  Reader in(bytes);
  FRESHET_CHECK(read_delete_set(in, form, Deletions{in, clients, out.deleted}));
  return read_state_vector(in, [&](uint64_t id, uint64_t clock) {
    uint32_t number = kNoClient;
    if (clock > kMaxClock) return Status::malformed;
    FRESHET_CHECK(find_or_add(id, clients, number));
    out.states.set(number, static_cast<uint32_t>(clock));
    return Status::ok;
  });
}

void write(Snapshot& snapshot, DeleteForm form, const ClientTable& clients,
           std::vector<uint8_t>& bytes) {
  Writer out(bytes);
  snapshot.deleted.join(clients);
  snapshot.deleted.write(clients, DeleteSetWriter(out, form));
  snapshot.states.write(clients, out);
}

Status convert(Bytes bytes, DeleteForm from, DeleteForm to, std::vector<uint8_t>& out) {
  ClientTable clients(seed_for(&bytes));
  Snapshot snapshot;
  FRESHET_CHECK(read(bytes, from, clients, snapshot));
  write(snapshot, to, clients, out);
  return Status::ok;
}

Snapshot snapshot_of(const Tree& tree) {
  Snapshot snapshot{{}, state_of(tree)};
  for (uint32_t number = 0; number < tree.clients.size(); ++number) {
    if (!tree.clients[number].deletions) continue;
    for (const Chunk& chunk : tree.clients[number].index.chunks()) {
      for (uint32_t i = 0; i < chunk.count; ++i) {
        const Item& item = tree.items[chunk.items()[i]];
        if (item.deleted) snapshot.deleted.add(number, item.clock, item.len);
      }
    }
  }
  return snapshot;
}

Status fits(const Tree& tree, const Snapshot& snapshot, const ClientTable& clients) {
  if (tree.held()) return Status::conflict;
  if (tree.collects_garbage()) return Status::unsupported;
  for (const uint32_t client : snapshot.states.clients_in_order(clients)) {
    const uint32_t clock = snapshot.states.of(client);
    if (clock == 0) continue;
    const uint32_t number = tree.table.find(clients.id(client));
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

// REQUIRES: fits(tree, later, clients).
void write_between(const Tree& tree, const Snapshot& earlier, Snapshot& later,
                   const ClientTable& clients, ValueForm form, std::vector<uint8_t>& bytes) {
  std::vector<uint32_t> grown = later.states.clients_in_order(clients);
  std::erase_if(
      grown, [&](uint32_t client) { return later.states.of(client) <= earlier.states.of(client); });
  Writer out(bytes);
  out.varuint(grown.size());
  for (const uint32_t client : grown) {
    write_block(tree, tree.table.find(clients.id(client)), earlier.states.of(client),
                later.states.of(client), out, form, bytes);
  }
  later.deleted.join(clients);
  later.deleted.write(clients, DeleteSetWriter(out, DeleteForm::v1));
}

}  // namespace

void take_snapshot(const Doc& doc, std::vector<uint8_t>& out) {
  const Tree& tree = Internals::of(doc).tree;
  Snapshot snapshot = snapshot_of(tree);
  write(snapshot, DeleteForm::v1, tree.table, out);
}

Status restore_snapshot(const Doc& doc, Bytes bytes, Doc& into) {
  const Tree& tree = Internals::of(doc).tree;
  ClientTable clients(seed_for(&bytes));
  Snapshot snapshot;
  FRESHET_CHECK(read(bytes, DeleteForm::v1, clients, snapshot));
  FRESHET_CHECK(fits(tree, snapshot, clients));
  std::vector<uint8_t> update;
  write_between(tree, {}, snapshot, clients, ValueForm::kept, update);
  const UpdateLimits& limits = tree.keeps_values ? kInternalLimits : kStoredLimits;
  return Internals::of(into).apply(update, limits).status();
}

Status diff_snapshots(const Doc& doc, Bytes earlier, Bytes later, std::vector<uint8_t>& out) {
  const Replica& replica = Internals::of(doc);
  ClientTable clients(seed_for(&earlier));
  Snapshot from, to;
  FRESHET_CHECK(read(earlier, DeleteForm::v1, clients, from));
  FRESHET_CHECK(read(later, DeleteForm::v1, clients, to));
  FRESHET_CHECK(fits(replica.tree, to, clients));
  FRESHET_CHECK(check_v1(replica.tree, replica.pending));
  write_between(replica.tree, from, to, clients, ValueForm::json, out);
  return Status::ok;
}

Result<bool> snapshot_contains(Bytes bytes, Bytes update_bytes) {
  ClientTable clients(seed_for(&bytes));
  Snapshot snapshot;
  FRESHET_CHECK(read(bytes, DeleteForm::v1, clients, snapshot));
  Update update;
  FRESHET_CHECK(decode_update(update_bytes, clients, update));
  for (const Section& section : update.sections) {
    const uint32_t known = snapshot.states.of(section.client);
    if (update.structs[section.end - 1].end() > known) return false;
  }
  snapshot.deleted.join();
  return std::all_of(update.deletes.begin(), update.deletes.end(),
                     [&](const DeletedRange& range) { return snapshot.deleted.contains(range); });
}

Status snapshot_to_v2(Bytes v1, std::vector<uint8_t>& out) {
  return convert(v1, DeleteForm::v1, DeleteForm::v2, out);
}

Status snapshot_from_v2(Bytes v2, std::vector<uint8_t>& out) {
  return convert(v2, DeleteForm::v2, DeleteForm::v1, out);
}

}  // namespace freshet::crdt
