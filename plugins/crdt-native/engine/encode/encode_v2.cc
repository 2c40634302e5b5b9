#include "encode/encode_v2.h"

#include "encode/encode.h"
#include "format/v2_writer.h"

namespace freshet::crdt {

namespace {

void write_parent(const Tree& tree, const Item& item, V2Writer& out) {
  const List& list = tree.lists[item.list];
  const Type& type = tree.types[list.type];
  if (type.item == kNil) {
    out.parent(tree.names[type.name]);
  } else {
    const Id holder = tree.items[type.item].id();
    out.parent(tree.table.id(holder.client), holder.clock);
  }
  if (list.key != kNil) out.key(tree.names[list.key]);
}

void write_content(const Tree& tree, const Item& item, uint32_t skip, V2Writer& out) {
  const uint32_t len = item.len - skip;
  switch (item.kind()) {
    case Kind::string: return out.text(tree.text_of(item), item.content + skip, len);
    case Kind::deleted: return out.deleted(len);
    case Kind::type: {
      const Type& type = tree.types[item.content];
      return out.type(type.ref, type.name == kNil ? std::string_view() : tree.names[type.name]);
    }
    default: return out.content(item.kind(), len, tree.values_of(item, skip));
  }
}

void write_item(const Tree& tree, const Item& item, uint32_t skip, V2Writer& out) {
  if (item.kind() == Kind::gc) return out.gc(item.len - skip);
  const Id origin =
      skip > 0 ? Id{static_cast<uint32_t>(item.client), item.clock + skip - 1} : item.origin();
  const Id right = item.right_origin();
  uint8_t info = static_cast<uint8_t>(item.kind());
  if (origin) info |= kInfoOrigin;
  if (right) info |= kInfoRightOrigin;
  if (item.keyed) info |= kInfoKey;
  out.info(info);
  if (origin) out.left_id(tree.table.id(origin.client), origin.clock);
  if (right) out.right_id(tree.table.id(right.client), right.clock);
  if (!origin && !right) write_parent(tree, item, out);
  write_content(tree, item, skip, out);
}

void write_section(const Tree& tree, uint32_t client, uint32_t clock, V2Writer& out) {
  const ClockIndex& index = tree.clients[client].index;
  Position at = index.find(clock);
  out.section(index.count_from(at), tree.table.id(client), clock);
  uint32_t skip = clock - tree.items[index.item(at)].clock;
  do {
    write_item(tree, tree.items[index.item(at)], skip, out);
    skip = 0;
  } while (index.next(at));
}

void write_deletions(Tree& tree, uint32_t client, DeleteSetWriter<Column>& out) {
  const DeletedCache& deletions = *encoded_deletions(tree, client);
  out.client(tree.table.id(client), deletions.ranges);
  Reader in(deletions.encoded);
  RangesOfClient ranges(in, DeleteForm::v1);
  for (uint32_t i = 0; i < deletions.ranges; ++i) {
    const auto [clock, len] = ranges.next();
    out.range(clock, len);
  }
}

// The clients for which `wanted` holds, in the order of the format.
template <class Wanted>
std::vector<uint32_t> clients_with(const Tree& tree, Wanted wanted) {
  std::vector<uint32_t> clients;
  for (uint32_t client = 0; client < tree.clients.size(); ++client) {
    if (wanted(client)) clients.push_back(client);
  }
  tree.table.put_in_order(clients);
  return clients;
}

}  // namespace

void write_state_v2(Tree& tree, const StateVector& from, std::vector<uint8_t>& out) {
  V2Writer writer;
  const auto authors =
      clients_with(tree, [&](uint32_t client) { return tree.state(client) > from.of(client); });
  writer.clients(authors.size());
  for (const uint32_t client : authors) write_section(tree, client, from.of(client), writer);
  const auto deleters = clients_with(
      tree, [&](uint32_t client) { return encoded_deletions(tree, client) != nullptr; });
  DeleteSetWriter<Column> deletions = writer.deletions();
  deletions.clients(deleters.size());
  for (const uint32_t client : deleters) write_deletions(tree, client, deletions);
  writer.finish(out);
}

}  // namespace freshet::crdt
